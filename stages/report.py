"""Stage `report`: what all other stages found -> metrics/report.html, one page."""

import json
from pathlib import Path

import numpy as np
import pandas as pd

from stages import errors, files, params, tasks
from stages.errors import UserError
from stages.reporting import dropped, gender, hashes, keypoints, page

RAW, CLEAN, SPLIT = Path("data/raw"), Path("data/clean"), Path("data/split")
CHECK, MODELS, ANSWERS = Path("data/check"), Path("data/models"), Path("data/answers")
METRICS, SUBMISSION = Path("metrics"), Path("data/submission.csv")
REPORT = METRICS / "report.html"
KEYS = ["source", "seed", "lr", "device", "precision", "kaggle", "sample", "keypoints", "gender"]
LOOK = {"keypoints": dropped.rows, "gender": dropped.photos}


def main() -> None:
    settings = params.load(*KEYS)
    try:
        html = page.render(collect(settings))
    except FileNotFoundError as error:
        raise UserError(
            "the outputs of all stages", f"no {error.filename}", "Run `dvc repro`."
        ) from None
    files.save_text(REPORT, html)
    print(f"{REPORT.as_posix()}: {REPORT.stat().st_size / 2**20:.1f} MB, opens in any browser")


def collect(settings: dict) -> dict:
    """Values of the page, by the names that its template has for them."""
    return {
        "keypoints": {**keypoints_section(), **both("keypoints")},
        "gender": {**gender_section(), **both("gender")},
        "source": settings["source"],
        "params": page.flat(settings),
        "hashes": [(path.as_posix(), hashes.md5(path)) for path in hashed()],
    }


def read_json(path: Path):
    return json.loads(path.read_text(encoding="utf-8"))


def answers(task: str) -> np.ndarray:
    return files.load_arrays(ANSWERS, task)[task]


def history(task: str) -> pd.DataFrame:
    return pd.read_csv(METRICS / "plots" / f"{task}-history.csv")


def keypoints_section() -> dict:
    arrays = files.load_arrays(SPLIT / "keypoints", *keypoints.READS)
    answer = answers("keypoints")
    metrics = read_json(METRICS / "keypoints.json")
    values = keypoints.section(metrics, answer, arrays, history("keypoints"))
    listed, expected, images, target = suspects("keypoints", keypoints.SUSPECTS)
    values["refit"] = read_json(METRICS / "refit-keypoints.json")
    return {**values, "suspects": keypoints.suspects(listed, expected, images, target)}


def gender_section() -> dict:
    arrays = files.load_arrays(SPLIT / "gender", *gender.READS)
    classes = read_json(SPLIT / "gender" / "outputs.json")
    bins = pd.read_csv(METRICS / "plots" / "gender-reliability.csv")
    answer, metrics = answers("gender"), read_json(METRICS / "gender.json")
    values = gender.section(metrics, answer, arrays, history("gender"), bins, classes)
    listed, expected, images, _ = suspects("gender", gender.SHOWN)
    return {**values, "suspects": gender.suspects(listed, expected, images, classes)}


def both(task: str) -> dict:
    """What the page tells of either task: what was dropped, and numbers of rows."""
    table = pd.read_csv(CLEAN / task / "dropped.csv", keep_default_na=False)
    return {
        "dropped": dropped.section(RAW / tasks.ARCHIVES[task], table, LOOK[task]),
        "clean": read_json(METRICS / f"clean-{task}.json"),
        "split": read_json(METRICS / f"split-{task}.json"),
        "train": read_json(METRICS / f"train-{task}.json"),
        "check": read_json(METRICS / f"check-{task}.json"),
    }


def suspects(task: str, n: int) -> tuple[pd.DataFrame, np.ndarray, list, list]:
    """The n worst of suspects.csv: their rows, expected answers, images and targets."""
    listed = pd.read_csv(CHECK / task / "suspects.csv", keep_default_na=False).head(n)
    expected = files.load_arrays(CHECK / task, "expected")["expected"][: len(listed)]
    rows = pd.read_csv(SPLIT / task / "rows.csv", keep_default_na=False)
    name = "row" if "row" in rows else "file"
    images, target = [], []
    for side, which in zip(listed["split"], listed[name], strict=True):
        here = rows[rows["split"] == side].reset_index(drop=True)
        place = here.index[here[name] == which][0]
        arrays = files.load_arrays(SPLIT / task, f"{side}_images", f"{side}_target")
        images.append(np.asarray(arrays[f"{side}_images"][place]))
        target.append(np.asarray(arrays[f"{side}_target"][place]))
    return listed, expected, images, target


def hashed() -> list[Path]:
    """Data whose hashes the page shows, all of them deps of the stage."""
    archives = [RAW / name for name in tasks.ARCHIVES.values()]
    folders = [room / task for room in (CLEAN, SPLIT, CHECK) for task in tasks.ARCHIVES]
    models = [MODELS / f"{task}.keras" for task in tasks.ARCHIVES]
    return [*archives, *folders, *models, MODELS / "submission.keras", SUBMISSION]


if __name__ == "__main__":
    errors.run(main, words=False)
