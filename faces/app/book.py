"""Photos of a folder and what was said of each: a label, a skip, or nothing yet."""

import json
import os
from contextlib import suppress
from pathlib import Path
from threading import Lock

from faces.app.refusal import Refusal
from faces.app.table import Table, cell_of, key_of_cell
from faces.core import files
from faces.core.errors import UserError
from faces.data.photos.formats import files_below, is_photo, named
from faces.predict.inputs import read_file


class Book:
    """The work of labelling a folder. Each answer is on the disk before the next photo comes.

    May be used by several threads.
    """

    def __init__(self, folder: Path, table: Path, classes: dict[str, list[str]]):
        """Look for the photos, and for what earlier sittings said of them.

        Args:
            table: the labels.csv. classes: as `params.by_class` reads them.

        Raises:
            UserError: there are no photos, or the table cannot be used.
        """
        self.photos, self.left_out, self.unread = photos_of(folder)
        self.classes, self.table = list(classes), table
        check_place(table)
        self._table = Table(table, classes)
        self._skips = table.with_name(f".{table.stem}.skipped.json")
        self._skipped = [name for name in read_names(self._skips) if name in self.photos]
        # What `undo` takes back, the latest last: of earlier sittings the skips, then the labels.
        self._said = [n for n in (*self._skipped, *self._table.labels) if n in self.photos]
        self._wanted: str | None = None  # the photo to show next, after an `undo`
        self._lock = Lock()

    def state(self) -> dict:
        """Where the work stands.

        Returns:
            `file`: the photo to label, None if nothing is left; `next`: the one after it;
            `total`, `labelled`, `skipped`: numbers of photos; `counts`: labels by class; `last`:
            what `undo` takes back, {"file", "label" (None: skipped)}, or None.
        """
        with self._lock:
            return self._state()

    def answer(self, file: str, label: str | None) -> dict:
        """Say the photo's class, or None to skip it; the state after it.

        Raises:
            Refusal: there is no such photo or class, or it cannot be written.
        """
        if file not in self.photos:
            raise no_photo(file)
        if label is not None and label not in self.classes:
            known = f"one of {', '.join(self.classes)}"
            raise Refusal(400, "no_class", known, label, "Reload the page.")
        with self._lock:
            labels, skipped = self._without(file)
            if label is None:
                skipped = [*skipped, file]
            else:
                labels[file] = label
            self._save(labels, skipped)
            self._said = [name for name in self._said if name != file] + [file]
            self._wanted = None
            return self._state()

    def undo(self) -> dict:
        """Take back what was said last; its photo is the one to label then."""
        with self._lock:
            if self._said:
                self._save(*self._without(self._said[-1]))
                self._wanted = self._said.pop()
            return self._state()

    def again(self) -> dict:
        """Have all skipped photos come again."""
        with self._lock:
            again = set(self._skipped)
            self._save(dict(self._table.labels), [])
            self._said = [name for name in self._said if name not in again]
            return self._state()

    def content(self, file: str) -> bytes:
        """The photo's bytes.

        Raises:
            Refusal: it is none of the folder's photos. PhotoFault: it cannot be read.
        """
        if file not in self.photos:
            raise no_photo(file)
        return read_file(str(self.photos[file]))

    def _without(self, file: str) -> tuple[dict[str, str], list[str]]:
        labels = {name: label for name, label in self._table.labels.items() if name != file}
        return labels, [name for name in self._skipped if name != file]

    def _save(self, labels: dict[str, str], skipped: list[str]) -> None:
        try:
            if labels != self._table.labels:
                self._table.write(labels)
            if skipped != self._skipped:
                write_names(self._skips, skipped)
        except OSError as error:
            todo = "Make room, or name another place: make label LABELS=labels.csv"
            expected = f"{self._table.path} to be written"
            raise Refusal(507, "not_saved", expected, str(error), todo, why=str(error)) from error
        self._skipped = skipped

    def _state(self) -> dict:
        labels, skipped = self._table.labels, set(self._skipped)
        waiting = [name for name in self.photos if name not in labels and name not in skipped]
        if self._wanted in waiting:
            waiting.remove(self._wanted)
            waiting.insert(0, self._wanted)
        of_photos = [label for name, label in labels.items() if name in self.photos]
        last = self._said[-1] if self._said else None
        return {
            "file": waiting[0] if waiting else None,
            "next": waiting[1] if len(waiting) > 1 else None,
            "total": len(self.photos),
            "labelled": len(of_photos),
            "skipped": len(skipped),
            "counts": {name: of_photos.count(name) for name in self.classes},
            "last": {"file": last, "label": labels.get(last)} if last else None,
        }


def photos_of(folder: Path) -> tuple[dict[str, Path], int, list[str]]:
    """The photos below a folder by their names there, sorted, as stage `clean` knows them.

    Returns:
        The photos; the number of those left out: names that no UTF-8 table can hold, and one of
        two that it cannot tell apart; and the names of pictures of kinds that are not read.

    Raises:
        UserError: there is no such folder, or no photo in it.
    """
    todo = "Name the folder of your photos: make label PHOTOS=folder"
    if not folder.is_dir():
        raise UserError("a folder of photos", f"{folder}, which is none", todo)
    below = sorted(files_below(folder, patient=True))
    paths = [path for path in below if is_photo(path.name)]
    unread = [path.name for path in below if named(path.name) or path.is_dir()]
    found: dict[str, Path] = {}
    for path in paths:
        name = key_of_cell(cell_of(path.relative_to(folder).as_posix()))
        with suppress(UnicodeEncodeError):
            name.encode()
            found.setdefault(name, path)
    if not found:
        raise UserError(f"photos in {folder}", ", ".join(unread[:8]) or "none", todo)
    return found, len(paths) - len(found), unread


def check_place(table: Path) -> None:
    """Raise a `UserError` now if the table could not be written later."""
    todo = "Name another place: make label PHOTOS=... LABELS=labels.csv"
    try:
        table.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError("a place for labels.csv", str(error), todo) from error
    if table.is_dir() or not os.access(table.parent, os.W_OK):
        raise UserError("a labels.csv that can be written", str(table), todo)


def no_photo(file: str) -> Refusal:
    """The refusal of a name that is none of the folder's photos."""
    return Refusal(404, "no_such_photo", "a photo of the folder", file, "Reload the page.")


def read_names(path: Path) -> list[str]:
    """Names in a file of our own; none if it is not there or somebody has changed it."""
    with suppress(OSError, ValueError):
        names = json.loads(path.read_text(encoding="utf-8"))
        if isinstance(names, list) and all(isinstance(name, str) for name in names):
            return list(dict.fromkeys(names))
    return []


def write_names(path: Path, names: list[str]) -> None:
    if names:
        files.save_json(path, names)
    else:
        path.unlink(missing_ok=True)
