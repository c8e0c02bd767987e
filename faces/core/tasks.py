"""The two tasks, twins: the same modules under faces/keypoints and faces/gender."""

import importlib
import sys
from types import ModuleType

from faces.core.errors import UserError

ARCHIVES = {"keypoints": "facial-keypoints-detection.zip", "gender": "face-detection.zip"}
PSEUDO_LABELS = ("gender",)  # tasks that have a stage `pseudo_labels`


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


def module(task: str, name: str) -> ModuleType:
    """The task's module: `module("gender", "model.network")` is `faces.gender.model.network`."""
    return importlib.import_module(f"faces.{task}.{name}")
