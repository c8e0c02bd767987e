"""Archives from a folder, as somebody has who downloaded them by hand, packed or unpacked."""

import shutil
import zipfile
from pathlib import Path

from stages.archives import open_zip, write_zip
from stages.errors import UserError
from stages.tasks import ARCHIVES

KEYPOINT_FILES = (
    ("training.zip", "training.csv"),
    ("test.zip", "test.csv"),
    ("IdLookupTable.csv",),
)
OPTIONAL = "SampleSubmission.csv"
KEYPOINT_NAMES = {name for names in KEYPOINT_FILES for name in names} | {OPTIONAL}


def repository() -> Path:
    """The folder that relative paths count from: the repository's.

    A queued experiment runs in a copy under .dvc/tmp/exps; paths mean what they mean outside.
    """
    here = Path.cwd()
    parts = here.parts
    for i in range(len(parts) - 2):
        if parts[i : i + 3] == (".dvc", "tmp", "exps"):
            return Path(*parts[:i])
    return here


def locate(path: str, key: str = "source", folder: bool = True) -> Path:
    """The folder or file that a param names.

    Raises:
        UserError: it is not there.
    """
    found = repository() / Path(path).expanduser()
    if not (found.is_dir() if folder else found.is_file()):
        kind = "sample, kaggle or an existing folder" if folder else "an existing file"
        received = f"{path!r}, which is not there ({found})"
        raise UserError(f"{kind} as {key} in params.yaml", received, "Correct it.")
    return found


def labels_beside(folder: Path) -> str:
    """The path of the folder's labels.csv; "" without one."""
    path = folder / "labels.csv"
    return str(path) if path.is_file() else ""


def collect(folder: Path, arrived: Path) -> dict[str, Path]:
    """Put both archives into `arrived`: copied, or packed if they lie unpacked.

    Returns:
        The files they were made of, by their path in the folder.

    Raises:
        UserError: something is missing.
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
        write_zip(arrived / name, members.items())
        used |= {f"{Path(name).stem}/{member}": path for member, path in members.items()}
    return used


def keypoint_files(base: Path, folder: Path) -> dict[str, Path]:
    """Kaggle's files of the competition, wherever under `base`, by their names."""
    found = {}
    for path in sorted(base.rglob("*")):
        if path.name in KEYPOINT_NAMES and path.is_file():
            found.setdefault(path.name, path)
    missing = [names for names in KEYPOINT_FILES if not any(n in found for n in names)]
    if missing:
        wanted = " and ".join(" or ".join(names) for names in missing)
        have = ", ".join(sorted(p.name for p in folder.iterdir())[:8]) or "an empty folder"
        raise UserError(
            f"{ARCHIVES['keypoints']}, or {wanted}, in {folder}",
            have,
            "Put the archive there as Kaggle gives it.",
        )
    return found


def photo_files(base: Path, folder: Path) -> dict[str, Path]:
    """Every file in the folders under `base`, but for the competition's, by its path there."""
    found = {
        path.relative_to(base).as_posix(): path
        for path in sorted(base.rglob("*"))
        if path.is_file() and path.parent != base and path.name not in KEYPOINT_NAMES
    }
    found = {name: path for name, path in found.items() if path.suffix != ".zip"}
    if not found:
        have = ", ".join(sorted(p.name for p in folder.iterdir())[:8]) or "an empty folder"
        raise UserError(
            f"{ARCHIVES['gender']}, or folders of photos, in {folder}",
            have,
            "Put the archive there as Kaggle gives it.",
        )
    return found


def add_labels(archive: Path, labels: Path) -> None:
    """Put a labels.csv into the archive; it counts before any that is there already."""
    open_zip(archive).close()
    with zipfile.ZipFile(archive, "a") as opened:
        info = zipfile.ZipInfo("labels.csv", (1980, 1, 1, 0, 0, 0))
        if info.filename in opened.namelist():
            info.filename = "labels/labels.csv"
        opened.writestr(info, labels.read_bytes())
