"""How long each stage took the last time it ran: `metrics/times.js`, beside the report.

Times differ from run to run, while the pipeline's outputs are the same bytes each time. So they
are no output of any stage, and are kept out of `report.html`: the page reads this file, where it
lies beside it.
"""

import json
import sys
from datetime import UTC, datetime

from faces.core import files
from faces.core.paths import TIMES

# A script and not JSON: browsers do not let a page opened from a disk read any other file.
START = "showTimes("
END = ");\n"


def stage_name() -> str | None:
    """Name the running stage as dvc.yaml does, such as `train@gender`; None if it is no stage."""
    spec = getattr(sys.modules["__main__"], "__spec__", None)
    room, _, name = (spec.name if spec else "").partition(".")
    return "@".join([name, *sys.argv[1:]]) if room == "stages" else None


def load() -> dict[str, dict]:
    """`seconds` and `ended` (UTC) of each stage, in the order in which they ended last.

    Nothing where no times were kept, or where they cannot be read.
    """
    try:
        text = TIMES.read_text(encoding="utf-8")
        return json.loads(text.removeprefix(START).removesuffix(END))
    except (FileNotFoundError, ValueError):
        return {}


def note(stage: str, seconds: float) -> None:
    """Keep how long the stage took, in place of what was kept of it before."""
    ended = datetime.now(UTC).strftime("%Y-%m-%d %H:%M")
    kept = {name: row for name, row in load().items() if name != stage}
    kept[stage] = {"seconds": round(seconds, 1), "ended": ended}
    rows = json.dumps(kept, indent=1, ensure_ascii=True).replace("</", "<\\/")
    files.save_text(TIMES, f"{START}{rows}{END}")
