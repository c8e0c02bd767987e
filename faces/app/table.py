"""A labels.csv that is added to: read and written so that nothing in it is lost."""

import csv
import io
from pathlib import Path

from faces.core import files
from faces.core.errors import UserError
from faces.gender.data.labels import read_labels, spellings

COLUMNS = ["file", "label"]


class Table:
    """The rows of a labels.csv in their order, by the file that stage `clean` takes them for.

    Rows of files that are elsewhere or have no label yet, and columns of other names, stay as
    they are.
    """

    def __init__(self, path: Path, classes: dict[str, list[str]]):
        """Read what is there.

        Raises:
            UserError: it is no table of labels of these classes.
        """
        self.path, self.columns = path, list(COLUMNS)
        self.rows: dict[str, dict[str, str]] = {}
        self.labels: dict[str, str] = {}
        self.waiting: dict[str, dict[str, str]] = {}  # rows that came without a label
        content = contents(path)
        if content.strip():
            self._read(content, classes)

    def _read(self, content: bytes, classes: dict[str, list[str]]) -> None:
        if not is_unlabelled(content):
            self.labels = read_labels(content, spellings(classes), str(self.path))
        reader = csv.DictReader(io.StringIO(plain_text(content, self.path)))
        self.rows = {key_of_cell(row["file"] or ""): row for row in reader}
        self.waiting = {file: row for file, row in self.rows.items() if file not in self.labels}
        self.columns = list(reader.fieldnames)

    def write(self, labels: dict[str, str]) -> None:
        """Write these labels in their order, then the rows that have none; at once and whole.

        Args:
            labels: by file; a file whose label is new, or changed, takes its class's name.

        Raises:
            OSError: it cannot be written; the table stays as it was.
        """
        rows = {}
        for file, label in labels.items():
            row = self.rows.get(file, {"file": cell_of(file)})
            same = self.labels.get(file) == label
            rows[file] = row if same else {**row, "label": label}
        rows |= {file: row for file, row in self.waiting.items() if file not in labels}
        if rows:
            files.save_text(self.path, as_csv(rows.values(), self.columns))
        else:
            self.path.unlink(missing_ok=True)  # a table without a label is refused by `clean`
        self.rows, self.labels = rows, dict(labels)


def contents(path: Path) -> bytes:
    """The file's content, empty if there is no file; a `UserError` if it cannot be had."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""
    except OSError as error:
        todo = "Name another file: make label PHOTOS=... LABELS=labels.csv"
        raise UserError("a labels.csv that can be read", str(error), todo) from error


def plain_text(content: bytes, path: Path) -> str:
    """The text of a table that can be added to; a `UserError` if it can only be read."""
    try:
        text = content.decode("utf-8-sig")
        have = text.partition("\n")[0].strip()
        columns = next(csv.reader([have]), [])
    except UnicodeDecodeError:
        text, have, columns = "", "another encoding", []
    except csv.Error:  # lines that end as on an old Mac
        columns = []
    if not set(COLUMNS) <= set(columns):
        todo = "Save it so, or name another file: make label PHOTOS=... LABELS=labels.csv"
        raise UserError(f"{path} as CSV in UTF-8 with the columns file,label", have[:200], todo)
    return text


def is_unlabelled(content: bytes) -> bool:
    """Whether this is a table of labels that has none yet: its first line, or files alone.

    >>> is_unlabelled(b"file,label\\n"), is_unlabelled(b"something else")
    (True, False)
    >>> is_unlabelled(b"file,label\\na,\\n"), is_unlabelled(b"file,label\\na,b\\n")
    (True, False)
    """
    table = csv.DictReader(io.StringIO(content.decode("utf-8-sig", "replace")))
    try:
        labelled = any((row.get("label") or "").strip() for row in table)
    except csv.Error:
        return False
    return not labelled and set(COLUMNS) <= set(table.fieldnames or [])


def as_csv(rows, columns: list[str]) -> str:
    """The table as text; cells that a row lacks are empty."""
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def key_of_cell(cell: str) -> str:
    """The file that a cell means, as `gender.labels.rows_of` reads it."""
    return cell.strip().replace("\\", "/").removeprefix("./")


def cell_of(file: str) -> str:
    """A cell that means this file.

    A name may begin with a space, which a reader takes off.

    >>> cell_of(" a.jpg"), key_of_cell(cell_of(" a.jpg"))
    ('./ a.jpg', ' a.jpg')
    """
    return file if file.strip() == file else f"./{file}"
