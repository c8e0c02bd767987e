"""Run make with a `python` that only says what it was given."""

import os
import shutil
import subprocess
from pathlib import Path

from tests.helpers.kaggle import ROOT
from tests.helpers.waiting import HANG


def make(folder: Path, *words: str) -> subprocess.CompletedProcess:
    """make, with a `python` that only says what it was given."""
    shutil.copy(ROOT / "Makefile", folder)
    python = folder / ".venv/bin/python"
    python.parent.mkdir(parents=True, exist_ok=True)
    python.write_text('#!/bin/sh\nshift 2\nprintf "%s|" "$#" "$@"\n', encoding="utf-8")
    python.chmod(0o755)
    for name in ("requirements.txt", "requirements-dev.txt", "constraints.txt", ".venv/ready"):
        (folder / name).touch()
    left_out = ("MESSAGE", "MAKEFLAGS", "MFLAGS", "MAKELEVEL")
    variables = {k: v for k, v in os.environ.items() if k not in left_out}
    return subprocess.run(
        ["make", *words], cwd=folder, env=variables, capture_output=True, text=True, timeout=HANG
    )
