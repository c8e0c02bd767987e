"""Remember, for `make kernel`, the run that it sent last: `.cache/kernel/run.json`."""

import dataclasses
import json
from dataclasses import dataclass
from pathlib import Path

from faces.core import files

FOLDER = Path(".cache/kernel")
FILE = FOLDER / "run.json"
SENDING, SENT, FAILED, HOME = "sending", "sent", "failed", "home"


def mark(content: str, number: int) -> str:
    """Make the mark that stands in the script and in the outputs of a run, and of no other."""
    return f"{content}-{number}"


@dataclass(frozen=True)
class Run:
    """A run at Kaggle.

    Args:
        content: hash of all that was sent. number: how often we sent something.
        kernel: owner/name at Kaggle. url: its page. version: Kaggle's number of it, 0 if unknown.
        params: hash of params.yaml here when it was sent; "" if that had changes of its own.
        brought: hash of the params.yaml that it brought home; "" before that.
        phase: how far it has come. notebook: whether it is the notebook, not the pipeline.
    """

    content: str
    number: int
    kernel: str
    params: str
    phase: str = SENDING
    notebook: bool = False
    url: str = ""
    version: int = 0
    brought: str = ""

    @property
    def id(self) -> str:
        return mark(self.content, self.number)

    @property
    def page(self) -> str:
        return self.url or f"https://www.kaggle.com/code/{self.kernel}"

    def now(self, **changes) -> "Run":
        """The same run, further on, and remembered so."""
        run = dataclasses.replace(self, **changes)
        files.save_json(FILE, dataclasses.asdict(run))
        return run


def last() -> Run | None:
    """The run that was sent last; None without one, or if it cannot be read."""
    try:
        return Run(**json.loads(FILE.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None
