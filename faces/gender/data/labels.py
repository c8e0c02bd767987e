"""Which class a photo belongs to: by its folder's name, or by a labels.csv."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePosixPath

from faces.core.errors import UserError
from faces.core.params import normal
from faces.data.encodings import texts_of
from faces.data.members import spelled

# Names that the two columns may have, the one to write first. WEAK: only if there is no other.
FILES = ("file", "filename", "file_name", "image", "image_name", "img", "path", "image_path")
FILES += ("filepath", "photo", "id", "image_id")
WEAK = ("id", "image_id")
LABELS = ("label", "gender", "class", "sex", "category", "target")
SEPARATORS = ",;\t"
TODO = "Correct the file; names of classes are in params.yaml under gender.clean.classes."
WHOLE = re.compile(r"(?<=[0-9])\.0+$")  # pandas makes 1.0 of the number 1 where others are missing
ZEROS = re.compile(r"(^|/)0+(?=[0-9]+$)")  # spreadsheets make 1 of 0001
ABSOLUTE = re.compile(r"/|[A-Za-z]:/")
Readings = Mapping[str, tuple[str, ...]]  # by a photo's name: the paths that it may mean


def spellings(classes: dict[str, list[str]]) -> dict[str, str]:
    """Every spelling of a class, normalised, and the class it means."""
    return {normal(s): name for name, others in classes.items() for s in (name, *others)}


def from_folders(readings: Iterable[str], meanings: dict[str, str]) -> str | None:
    """The class of the innermost folder that names one; None if no folder does.

    Args:
        readings: the paths that a photo's name may mean.

    >>> from_folders(["faces/Train/MEN/1.jpg"], {"men": "Male"})
    'Male'
    """
    for path in readings:
        for folder in reversed(PurePosixPath(path).parts[:-1]):
            if normal(folder) in meanings:
                return meanings[normal(folder)]
    return None


def read_labels(
    content: bytes, meanings: dict[str, str], name: str, paths: Readings | None = None
) -> dict[str, str]:
    """The class by file of a labels.csv, as `rows_of` reads it; lines without a label count not.

    Args:
        content: the file. meanings: from `spellings`. name: for errors. paths: of the photos, as
            `from_table` takes them: of several encodings that fit, the one that names most is it.

    Returns:
        {file as written: class}.

    Raises:
        UserError: a column is missing, a label unknown, or a file stands twice with two labels.
    """
    found, faults = [], []
    for text in texts(content, name):
        try:
            found.append(classes_of(rows_of(text, name), meanings, name))
        except UserError as fault:
            faults.append(fault)
    if not found:
        raise faults[0]
    if len(found) == 1 or not paths:
        return found[0]
    return min(found, key=lambda labels: len(from_table(paths, labels, name)[1]))


def check_labels(content: bytes, name: str) -> None:
    """Raise a `UserError` unless this is a table with a column for files and one for labels."""
    rows_of(texts(content, name)[0], name)


def texts(content: bytes, name: str) -> list[str]:
    """Decode the bytes of a table; a `UserError` if they are no text."""
    if content.startswith(b"PK\3\4"):
        todo = "Save it as CSV (UTF-8)."
        raise UserError(f"{name} as CSV in UTF-8", "a workbook, as Excel saves it", todo)
    try:
        return texts_of(content)
    except UnicodeDecodeError as error:
        raise UserError(f"{name} as CSV in UTF-8", str(error), "Save it as UTF-8.") from error


def rows_of(text: str, name: str) -> Iterator[tuple[int, str, str]]:
    """The lines of a table: number, file and label as written, without spaces around them.

    Cells are separated by `,`, `;` or a tab. A column of FILES says the file, one of LABELS the
    label, whatever other columns there are. Empty lines are left out.

    Raises:
        UserError: there are no such columns, or two of a kind. A line is too short, or no CSV.
    """
    lines = text.replace("\r\n", "\n")
    lines = lines if "\n" in lines else lines.replace("\r", "\n")  # of an old Mac
    first, _, rest = lines.partition("\n")
    start = 1
    if first.startswith("sep="):  # a note of Excel's to itself
        lines, start = rest, 2
        first = rest.partition("\n")[0]
    separator = max(SEPARATORS, key=lambda sign: len(known_columns(first, sign)))
    columns = columns_of(cells_of(first, separator), name, first)
    return cells_by_line(lines, separator, columns, name, start)


def cells_of(line: str, separator: str) -> list[str]:
    """The cells of a first line in small letters."""
    try:
        cells = next(csv.reader([line], delimiter=separator), [])
    except csv.Error:
        return []
    return [cell.strip().casefold() for cell in cells]


def known_columns(line: str, separator: str) -> set[str]:
    """Which names of columns that we read are in a first line."""
    return set(cells_of(line, separator)) & {*FILES, *LABELS}


def columns_of(header: list[str], name: str, line: str = "") -> tuple[int, int]:
    """Where the file and the label stand in the cells of a first line; a `UserError` without them.

    >>> columns_of(["id", "image", "gender"], "labels.csv")
    (1, 2)
    """
    found = []
    for names in (FILES, LABELS):
        fit = [n for n in names if n in header]
        if not fit:
            have = line.strip()[:200] or "an empty file"
            todo = f"Name them in the first line; as good as file: {', '.join(FILES[1:])}; "
            todo += f"as label: {', '.join(LABELS[1:])}."
            raise UserError(f"the columns file, label in {name}", have, todo)
        strong = [n for n in fit if n not in WEAK] or fit
        if fit[0] == names[0] or len(strong) == 1:
            found.append(header.index(strong[0]))
            continue
        todo = f"Name the one that is meant {names[0]}."
        raise UserError(f"one column that is the {names[0]} in {name}", ", ".join(fit), todo)
    return found[0], found[1]


def cells_by_line(
    text: str, separator: str, columns: tuple[int, int], name: str, start: int
) -> Iterator[tuple[int, str, str]]:
    """The two cells of each line but the first; `start`: the number of the first."""
    reader = csv.reader(io.StringIO(text), delimiter=separator)
    try:
        next(reader, None)
        for number, cells in enumerate(reader, start + 1):
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) <= max(columns):
                expected = f"a file and a label in line {number} of {name}"
                raise UserError(expected, "fewer cells", TODO)
            file, label = (cells[i].strip() for i in columns)
            yield number, file.replace("\\", "/").removeprefix("./"), label
    except csv.Error as error:
        raise UserError(f"{name} as CSV in UTF-8", str(error), TODO) from error


def classes_of(
    rows: Iterable[tuple[int, str, str]], meanings: dict[str, str], name: str
) -> dict[str, str]:
    """The class of each file that has a label; a `UserError` as in `read_labels`."""
    labels: dict[str, str] = {}
    for number, file, word in rows:
        if not word or not file:
            continue
        label = meanings.get(normal(word))
        if label is None:
            known = ", ".join(sorted(meanings))
            raise UserError(f"one of {known} in line {number} of {name}", word, TODO)
        if labels.setdefault(file, label) != label:
            raise UserError(f"one label for {file} in {name}", f"{labels[file]}, {label}", TODO)
    if not labels:
        raise UserError(f"lines in {name} with a file and a label", "none", TODO)
    return labels


def from_table(
    paths: Readings, labels: dict[str, str], name: str
) -> tuple[dict[str, str | None], list[str]]:
    """The class of each photo: that of the line which names the longest tail of its path.

    A line means one photo: of several with that tail, the one in the fewest folders. Names may
    differ in case, a line may lack the ending (`1` for `1.jpg`, and for `0001.jpg`), and may have
    more folders before the photo's path, those of another machine.

    Args:
        paths: what each photo's name may mean, as `members.readings` gives it.
        labels: from `read_labels`. name: of the table, for errors.

    Returns:
        {photo: class, None if no line names it}, and the lines that name no photo.

    Raises:
        UserError: a line may mean two photos, or two lines with two labels one photo.

    >>> paths = {path: (path,) for path in ("1.jpg", "b/1.jpg", "c/2.jpg")}
    >>> from_table(paths, {"1.jpg": "Female", "C/2": "Male", "3.jpg": "Male"}, "labels.csv")
    ({'1.jpg': 'Female', 'b/1.jpg': None, 'c/2.jpg': 'Male'}, ['3.jpg'])
    """
    lines = Lines(labels, name)
    meant: dict[str, dict[tuple, list[str]]] = {}
    for path, readings in paths.items():
        line, rank = lines.of_photo(readings)
        if line is not None:
            meant.setdefault(line, {}).setdefault(rank, []).append(path)
    found: dict[str, str | None] = dict.fromkeys(paths)
    for line, by_rank in meant.items():
        first, *others = by_rank[min(by_rank)]
        if others:
            todo = "Write the folder of each photo before its name, and the ending after it."
            raise UserError(f"one photo for {line} in {name}", f"{first}, {others[0]}", todo)
        found[first] = labels[line]
    return found, [line for line in labels if line not in meant]


class Lines:
    """The files that a table names, to be looked up by the paths of photos."""

    def __init__(self, labels: dict[str, str], name: str):
        """`labels`: by file as written. `name`: of the table, for errors."""
        self.labels, self.name = labels, name
        self.exact: dict[str, list[str]] = {}
        self.loose: dict[str, list[str]] = {}
        self.tails: dict[str, list[str]] = {}
        for line, path in without_root(labels).items():
            self.exact.setdefault(path, []).append(line)
            self.loose.setdefault(WHOLE.sub("", path.casefold()), []).append(line)
            for tail, depth in tails_of(path.casefold()):
                if depth:
                    self.tails.setdefault(tail, []).append(line)

    def of_photo(self, readings: Iterable[str]) -> tuple[str | None, tuple[int, int]]:
        """The line that names this photo, if any, and how far the two are apart.

        That is how many of the photo's folders the line leaves out, then how the names differ.
        """
        for path in readings:
            for tail, depth in tails_of(path):
                low = tail.casefold()
                places = [(self.exact, tail), (self.loose, low), (self.loose, bare(low))]
                places.append((self.loose, ZEROS.sub(r"\1", bare(low))))
                for step, (lines, key) in enumerate(places):
                    if key in lines:
                        return self.one(lines[key], path), (depth, step)
        for path in readings:
            low = path.casefold()
            for step, key in enumerate((low, bare(low)), 4):
                if key in self.tails:
                    return self.one(self.tails[key], path), (0, step)
        return None, (0, 0)

    def one(self, lines: list[str], path: str) -> str:
        """The first of these lines; a `UserError` if they say two things of the photo."""
        for line in lines[1:]:
            if self.labels[line] != self.labels[lines[0]]:
                todo = "Take one of the lines out, or write them as the photos are named."
                received = f"{lines[0]} ({self.labels[lines[0]]}), {line} ({self.labels[line]})"
                raise UserError(f"one label for {path} in {self.name}", received, todo)
        return lines[0]


def tails_of(path: str) -> Iterator[tuple[str, int]]:
    """A path without none, one, two ... of its folders, and how many.

    >>> list(tails_of("a/b/1.jpg"))
    [('a/b/1.jpg', 0), ('b/1.jpg', 1), ('1.jpg', 2)]
    """
    parts = path.split("/")
    return (("/".join(parts[depth:]), depth) for depth in range(len(parts)))


def bare(path: str) -> str:
    """A path without the ending of its file's name.

    >>> bare("a.b/1.jpg"), bare("a.b/1")
    ('a.b/1', 'a.b/1')
    """
    folder, slash, name = path.rpartition("/")
    return folder + slash + (name.rpartition(".")[0] or name)


def without_root(files: Iterable[str]) -> dict[str, str]:
    """Each file's path as it is compared; of whole paths without the folder common to all.

    >>> without_root(["C:/faces/a/1.jpg", "C:/faces/b/2.jpg", "c/3.jpg"])
    {'C:/faces/a/1.jpg': 'a/1.jpg', 'C:/faces/b/2.jpg': 'b/2.jpg', 'c/3.jpg': 'c/3.jpg'}
    """
    paths = {file: spelled(file) for file in files}
    whole = [path.split("/")[:-1] for path in paths.values() if ABSOLUTE.match(path)]
    shared = 0
    if whole:
        first, last = min(whole), max(whole)
        while shared < min(len(first), len(last)) and first[shared] == last[shared]:
            shared += 1
    return {
        file: "/".join(path.split("/")[shared:]) if ABSOLUTE.match(path) else path
        for file, path in paths.items()
    }
