"""Which class a photo belongs to: by its folder's name, or by a labels.csv."""

import csv
import io
from pathlib import PurePosixPath

from stages.errors import UserError
from stages.params import normal


def spellings(classes: dict[str, list[str]]) -> dict[str, str]:
    """Every spelling of a class, normalised, and the class it means."""
    return {normal(s): name for name, others in classes.items() for s in (name, *others)}


def from_folders(path: str, meanings: dict[str, str]) -> str | None:
    """The class of the innermost folder that names one; None if no folder does.

    >>> from_folders("faces/Train/MEN/1.jpg", {"men": "Male"})
    'Male'
    """
    folders = reversed(PurePosixPath(path.replace("\\", "/")).parts[:-1])
    return next((meanings[normal(f)] for f in folders if normal(f) in meanings), None)


def read_labels(content: bytes, meanings: dict[str, str], name: str) -> dict[str, str]:
    """The class by file of a labels.csv with the columns `file` and `label`.

    Args:
        content: the file. meanings: from `spellings`. name: for errors.

    Returns:
        {file as written: class}.

    Raises:
        UserError: a column is missing, a label unknown, or a file stands twice with two labels.
    """
    todo = "Correct the file; names of classes are in params.yaml under gender.clean.classes."
    try:
        reader = csv.DictReader(io.StringIO(content.decode("utf-8-sig")))
        return read_rows(reader, meanings, name, todo)
    except (UnicodeDecodeError, csv.Error) as error:
        raise UserError(f"{name} as CSV in UTF-8", str(error), todo) from error


def read_rows(
    reader: csv.DictReader, meanings: dict[str, str], name: str, todo: str
) -> dict[str, str]:
    """The same of an open table; it raises a `csv.Error` too."""
    columns = reader.fieldnames or []
    if not {"file", "label"} <= set(columns):
        raise UserError(f"the columns file, label in {name}", ", ".join(columns), todo)
    labels: dict[str, str] = {}
    for number, row in enumerate(reader, 2):
        if row.get("file") is None or row.get("label") is None:
            raise UserError(f"a file and a label in line {number} of {name}", "fewer cells", todo)
        label = meanings.get(normal(row["label"]))
        if label is None:
            known = ", ".join(sorted(meanings))
            raise UserError(f"one of {known} in line {number} of {name}", row["label"], todo)
        file = row["file"].strip().replace("\\", "/").removeprefix("./")
        if labels.setdefault(file, label) != label:
            raise UserError(f"one label for {file} in {name}", f"{labels[file]}, {label}", todo)
    if not labels:
        raise UserError(f"lines in {name}", "none", todo)
    return labels


def from_table(paths: list[str], labels: dict[str, str], name: str) -> dict[str, str | None]:
    """The class of each path: that of its longest tail that stands in the table; None if none does.

    A line of the table means one photo: of several with that tail, the one in the fewest folders.

    Args:
        labels: from `read_labels`. name: of the table, for errors.

    Raises:
        UserError: a line may mean two photos.

    >>> from_table(["a/b/1.jpg", "a/1.jpg"], {"b/1.jpg": "Male", "1.jpg": "Female"}, "labels.csv")
    {'a/b/1.jpg': 'Male', 'a/1.jpg': 'Female'}
    >>> from_table(["1.jpg", "b/1.jpg"], {"1.jpg": "Female"}, "labels.csv")
    {'1.jpg': 'Female', 'b/1.jpg': None}
    """
    meant: dict[str, dict[int, list[str]]] = {}
    for path in paths:
        parts = path.replace("\\", "/").split("/")
        tails = (("/".join(parts[depth:]), depth) for depth in range(len(parts)))
        tail, depth = next(((t, d) for t, d in tails if t in labels), (None, 0))
        if tail is not None:
            meant.setdefault(tail, {}).setdefault(depth, []).append(path)
    found: dict[str, str | None] = dict.fromkeys(paths)
    for tail, by_depth in meant.items():
        first, *others = by_depth[min(by_depth)]
        if others:
            todo = "Write the folder of each photo before its name."
            raise UserError(f"one photo for {tail} in {name}", f"{first}, {others[0]}", todo)
        found[first] = labels[tail]
    return found
