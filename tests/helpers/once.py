"""What several tests need and takes long to make: made once, by whichever asks first."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

from filelock import FileLock

from tests.helpers.waiting import HANG


def shared_room(own: Path) -> Path:
    """The folder that all workers of a run of the tests share.

    Args:
        own: `tmp_path_factory.getbasetemp()`, which each worker of pytest-xdist has for itself,
            inside of the shared one.
    """
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


def made_once(folder: Path, make: Callable[[Path], None]) -> Path:
    """The folder as `make` fills it, whole or not at all, for any number of processes.

    `make` works under another name and the folder gets its own at the end, so what a failure or a
    kill leaves is never taken for the whole; the next one that asks begins anew.
    """
    with FileLock(f"{folder}.lock", timeout=HANG):
        if not folder.exists():
            half = folder.with_name(f"{folder.name}.half")
            shutil.rmtree(half, ignore_errors=True)
            half.mkdir(parents=True)
            make(half)
            half.rename(folder)
    return folder
