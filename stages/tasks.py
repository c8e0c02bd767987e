"""The two tasks, and the room of each: the same module names in both."""

import importlib
import sys
from types import ModuleType

from stages.errors import UserError

ARCHIVES = {"keypoints": "facial-keypoints-detection.zip", "gender": "face-detection.zip"}


def from_command_line() -> str:
    """The task named on the command line, as dvc.yaml does.

    Raises:
        UserError: none, or an unknown one.
    """
    words = sys.argv[1:]
    if len(words) != 1 or words[0] not in ARCHIVES:
        raise UserError(
            f"one task: {' or '.join(ARCHIVES)}", " ".join(words) or "nothing", "Name one."
        )
    return words[0]


def room(task: str, name: str) -> ModuleType:
    """The task's module of this name: `room("gender", "network")` is `stages.gender.network`."""
    return importlib.import_module(f"stages.{task}.{name}")
