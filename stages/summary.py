"""What came out of the pipeline, and where to look: the end of `make run`."""

import json
from pathlib import Path

from stages import errors
from stages.errors import UserError

METRICS = Path("metrics")


def lines(keypoints: dict, gender: dict) -> list[str]:
    """The two headline figures with their baseline or interval, then places to look."""
    low, high = gender["accuracy_interval"]
    return [
        f"keypoints   RMSE {keypoints['rmse']:.2f} px on {keypoints['n_images']} images "
        f"(the mean face: {keypoints['rmse_mean_face']:.2f})",
        f"gender      accuracy {gender['accuracy']:.1%} on {gender['n_images']} photos "
        f"(95% interval {low:.1%} to {high:.1%})",
        "report      metrics/report.html, for any browser",
        "metrics     metrics/keypoints.json, metrics/gender.json; curves: dvc plots show",
        "model card  docs/model-card.md",
        "submission  data/submission.csv",
        "try it      python -m stages.predict PHOTO --overlay out",
        "more        README.md (for dvc and python: . .venv/bin/activate)",
    ]


def main() -> None:
    try:
        read = [
            json.loads((METRICS / f"{task}.json").read_text(encoding="utf-8"))
            for task in ("keypoints", "gender")
        ]
    except FileNotFoundError as error:
        raise UserError("metrics", f"no {error.filename}", "Run `dvc repro` first.") from None
    print("\n".join(lines(*read)))


if __name__ == "__main__":
    errors.run(main, timed=False, words=False)
