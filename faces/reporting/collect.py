"""All that the report shows, from what other stages wrote."""

from pathlib import Path

import numpy as np
import pandas as pd

from faces.core import files, sides, tasks
from faces.core.paths import (
    ANSWERS,
    CLEAN,
    LABEL_ERRORS,
    METRICS,
    MODELS,
    PLOTS,
    SPLIT,
    SUBMISSION,
    SUBMISSION_MODEL,
)
from faces.data import dropped
from faces.data.tiles import Tile
from faces.reporting import gender, hashes, keypoints, page


def values(settings: dict) -> dict:
    """Values of the page, by the names that its template has for them.

    Args:
        settings: params, by their sections.

    Raises:
        FileNotFoundError: a stage has not run.
    """
    return {
        "keypoints": {**keypoints_section(), **both("keypoints")},
        "gender": {**gender_section(), **both("gender")},
        "source": settings["source"],
        "params": page.flat(settings),
        "hashes": [(path.as_posix(), hashes.md5(path)) for path in hashed()],
    }


def answers(task: str) -> np.ndarray:
    return files.load_arrays(ANSWERS, task)[task]


def history(task: str) -> pd.DataFrame:
    return pd.read_csv(PLOTS / f"{task}-history.csv")


def keypoints_section() -> dict:
    arrays = files.load_arrays(SPLIT / "keypoints", *keypoints.READS)
    answer = answers("keypoints")
    metrics = files.load_json(METRICS / "keypoints.json")
    values = keypoints.section(metrics, answer, arrays, history("keypoints"))
    listed, expected, found = label_errors("keypoints", keypoints.LABEL_ERRORS)
    values["refit"] = files.load_json(METRICS / "refit-keypoints.json")
    tiles = keypoints.label_errors(listed, expected, found["image"], found["target"])
    return {**values, "label_errors": tiles}


def gender_section() -> dict:
    arrays = files.load_arrays(SPLIT / "gender", *gender.READS)
    classes = files.load_json(SPLIT / "gender" / "outputs.json")
    bins = pd.read_csv(PLOTS / "gender-reliability.csv")
    answer, metrics = answers("gender"), files.load_json(METRICS / "gender.json")
    values = gender.section(metrics, answer, arrays, history("gender"), bins, classes)
    listed, expected, found = label_errors("gender", gender.SHOWN)
    tiles = gender.label_errors(listed, expected, found["image"], classes)
    return {**values, "label_errors": tiles}


def both(task: str) -> dict:
    """Gather what the page shows of either task: what was dropped, and numbers of rows."""
    table = pd.read_csv(CLEAN / task / "dropped.csv", keep_default_na=False)
    tiles = [Tile(**tile) for tile in files.load_json(CLEAN / task / "dropped.json")]
    return {
        "dropped": {"reasons": dropped.summary(table), "tiles": tiles, "n": len(table)},
        "clean": files.load_json(METRICS / f"clean-{task}.json"),
        "split": files.load_json(METRICS / f"split-{task}.json"),
        "train": files.load_json(METRICS / f"train-{task}.json"),
        "found": files.load_json(METRICS / f"label-errors-{task}.json"),
    }


def label_errors(task: str, n: int) -> tuple[pd.DataFrame, np.ndarray, dict]:
    """The n worst of label_errors.csv: their rows, expected answers, images and targets."""
    folder = LABEL_ERRORS / task
    listed = pd.read_csv(folder / "label_errors.csv", keep_default_na=False).head(n)
    expected = files.load_arrays(folder, "expected")["expected"][: len(listed)]
    return listed, expected, sides.look_up(SPLIT / task, listed)


def hashed() -> list[Path]:
    """Data whose hashes the page shows, all of them deps of the stage."""
    folders = [place / task for place in (CLEAN, SPLIT, LABEL_ERRORS) for task in tasks.ARCHIVES]
    models = [MODELS / f"{task}.keras" for task in tasks.ARCHIVES]
    return [*folders, *models, SUBMISSION_MODEL, SUBMISSION]
