"""Archives from a folder, as somebody has who downloaded them by hand, packed or unpacked."""

import csv
import io
import os
import shutil
import zipfile
from pathlib import Path

from tqdm import tqdm

from stages.archives import DATE, check_members, open_zip, read_member, write_zip
from stages.errors import UserError
from stages.files import repository
from stages.photos.formats import files_below, is_picture
from stages.tasks import ARCHIVES

KEYPOINT_FILES = (
    ("training.zip", "training.csv"),
    ("test.zip", "test.csv"),
    ("IdLookupTable.csv",),
)
OPTIONAL = "SampleSubmission.csv"
KEYPOINT_NAMES = {name for names in KEYPOINT_FILES for name in names} | {OPTIONAL}
LABELS, LABEL_COLUMNS = "labels.csv", ("file", "label")
LARGEST_LABELS = 16 * 2**20  # bytes; enough for 300,000 photos


def locate(path: str, key: str = "source", folder: bool = True) -> Path:
    """The folder or file that a param names.

    Raises:
        UserError: it is not there.
        OSError: it cannot be looked at.
    """
    try:
        found = repository() / Path(path).expanduser()
    except RuntimeError:  # ~somebody who has no home here
        found = repository() / path
    if not (found.is_dir() if folder else found.is_file()):
        kind = "sample, kaggle or an existing folder" if folder else "an existing file"
        received = f"{path!r}, which is not there ({found})"
        raise UserError(f"{kind} as {key} in params.yaml", received, "Correct it.")
    return found


def labels_beside(folder: Path) -> str:
    """The path of the folder's labels.csv; "" without one."""
    path = folder / LABELS
    return str(path) if path.is_file() else ""


def collect(folder: Path, arrived: Path) -> dict[str, Path]:
    """Put both archives into `arrived`: copied, or packed if they lie unpacked.

    Returns:
        The files they were made of, by their path in the folder.

    Raises:
        UserError: something is missing.
        OSError: something cannot be read or written.
    """
    used = {}
    for task, name in ARCHIVES.items():
        whole = folder / name
        if whole.is_file():
            shutil.copyfile(whole, arrived / name)
            used[name] = whole
            continue
        unpacked = folder / Path(name).stem
        base = unpacked if unpacked.is_dir() else folder
        members = keypoint_files(base, folder) if task == "keypoints" else photo_files(base, folder)
        bar = tqdm(sorted(members.items()), f"pack {name}", leave=False, disable=None)
        write_zip(arrived / name, bar)
        used |= {f"{Path(name).stem}/{member}": path for member, path in members.items()}
    return used


def keypoint_files(base: Path, folder: Path) -> dict[str, Path]:
    """Kaggle's files of the competition, wherever under `base`, by their names.

    Raises:
        UserError: one is missing.
    """
    found = {}
    for path in files_below(base):
        if path.name in KEYPOINT_NAMES:
            found.setdefault(path.name, path)
    missing = [names for names in KEYPOINT_FILES if not any(n in found for n in names)]
    if missing:
        wanted = " and ".join(" or ".join(names) for names in missing)
        raise UserError(
            f"{ARCHIVES['keypoints']}, or {wanted}, in {folder}",
            content_of(folder),
            "Put the archive there as Kaggle gives it.",
        )
    return found


def photo_files(base: Path, folder: Path) -> dict[str, Path]:
    """Every file below `base`, but for the competition's, by its path there.

    Where photos have no folder of their own (`base` is `folder`), files of other kinds may lie
    beside them: there, only pictures count, and what lies in folders.

    Raises:
        UserError: there is none.
    """
    found = {}
    for path in files_below(base):
        inside = path.relative_to(base)
        ending = path.suffix.lower()
        if path.name in KEYPOINT_NAMES or ending == ".zip":
            continue
        if base == folder and inside.parts[0] == Path(ARCHIVES["keypoints"]).stem:
            continue
        if base == folder and len(inside.parts) == 1 and not is_picture(path.name):
            continue
        found[inside.as_posix()] = path
    if not found:
        raise UserError(
            f"{ARCHIVES['gender']}, or folders of photos, in {folder}",
            content_of(folder),
            "Put the archive there as Kaggle gives it.",
        )
    return found


def content_of(folder: Path) -> str:
    """The first names in a folder, for an error."""
    return ", ".join(sorted(p.name for p in folder.iterdir())[:8]) or "an empty folder"


def add_labels(archive: Path, labels: Path) -> None:
    """Put a labels.csv into the archive, in the place of any that is there already.

    Raises:
        UserError: it is not a table of labels, or the archive is damaged.
        OSError: one cannot be read or written.
    """
    if labels.stat().st_size > LARGEST_LABELS:
        have = f"{labels.stat().st_size:,}"
        raise UserError(f"{labels} with at most {LARGEST_LABELS:,} bytes", have, "Correct it.")
    content = labels.read_bytes()
    check_labels(content, str(labels))
    rest = archive.with_suffix(".rest")
    with open_zip(archive, archive.name) as opened:
        members = [m for m in opened.infolist() if not m.is_dir()]
        others = [m for m in members if m.filename.rsplit("/", 1)[-1] != LABELS]
        if len(others) < len(members):
            check_members(opened, archive.name)
            write_zip(rest, ((m.filename, read_member(opened, m)) for m in others))
    if rest.exists():
        os.replace(rest, archive)
    with zipfile.ZipFile(archive, "a") as opened:
        opened.writestr(zipfile.ZipInfo(LABELS, DATE), content)


def check_labels(content: bytes, name: str) -> None:
    """Raise a `UserError` unless this is a CSV with the columns `file` and `label`."""
    try:
        header = next(csv.reader(io.StringIO(content.decode("utf-8-sig"))), [])
    except (UnicodeDecodeError, csv.Error) as error:
        raise UserError(f"{name} as CSV in UTF-8", str(error), "Save it as UTF-8.") from error
    if not set(LABEL_COLUMNS) <= set(header):
        have = ", ".join(header)[:200] or "an empty file"
        raise UserError(f"the columns {', '.join(LABEL_COLUMNS)} in {name}", have, "Correct it.")
