"""Say what came out of the pipeline, and where to look: the end of `make run`."""

from faces.core import files, params, paths, running
from faces.core.errors import UserError

KEYS = ["source", "kaggle.competition"]


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
        "try it      python -m faces.predict PHOTO --overlay out",
        "more        README.md (for dvc and python: . .venv/bin/activate)",
    ]


def submit_lines(source: str, competition: str) -> list[str]:
    """How to submit what came of Kaggle's own data: our command, and Kaggle's."""
    if source != "kaggle":
        return []
    kaggle = f'kaggle competitions submit -c {competition} -f data/submission.csv -m "what is new"'
    return ['submit      make submit MESSAGE="what is new"', f"        or  {kaggle}"]


def main() -> None:
    settings = params.load(*KEYS)
    try:
        read = [files.load_json(paths.METRICS / f"{t}.json") for t in ("keypoints", "gender")]
    except FileNotFoundError as error:
        raise UserError("metrics", f"no {error.filename}", "Run `dvc repro` first.") from None
    print("\n".join([*lines(*read), *submit_lines(settings["source"], settings["competition"])]))


if __name__ == "__main__":
    running.run(main, timed=False, words=False)
