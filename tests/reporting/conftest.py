"""What a run leaves, in small: all that stage `report` reads, with names that are hard to show."""

from dataclasses import asdict
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from faces.core import files, paths, times
from faces.data.tiles import Tile
from faces.gender.scoring import scores as of_gender
from faces.keypoints.points import GROUP_4, GROUP_15
from faces.keypoints.scoring import scores as of_keypoints
from tests.conftest import encoded, keypoint_members, keypoint_zip, photo, zip_of
from tests.helpers.browser import browser  # noqa: F401 (a fixture)

ROOT = Path(__file__).parents[2]
SIZES = {"train": 4, "validation": 2, "test": 8}
LONG = "without_any_room_to_break_" * 3
CLASSES = ["Male", f"a_class_{LONG}", "<b>smile & wink</b>"]
PHOTOS = {f"{name}/{LONG}.jpg": "blank" for name in CLASSES[:2]}
# Some of each reason, none of them as short as it could be.
DROPPED = {
    "keypoints": {"row": [1, 2], "reason": ["no known point", "incomplete: 4 of 15 points"]},
    "gender": {"file": list(PHOTOS), "reason": ["blank", f"copy of {LONG} (the same pixels)"]},
}


@pytest.fixture
def run(tmp_path, monkeypatch, rng):
    """A folder in which stage report finds a run of a few rows; it is the working directory."""
    monkeypatch.chdir(tmp_path)
    params = (ROOT / "params.yaml").read_text(encoding="utf-8")
    (tmp_path / "params.yaml").write_text(params.replace("folds: 0 ", "folds: 3 "))
    archives(rng)
    keypoints(rng)
    photos(rng)
    for task, table in DROPPED.items():
        save_table(paths.CLEAN / task / "dropped.csv", table)
        tiles = [asdict(Tile(f"{reason}")) for reason in table["reason"]]
        files.save_json(paths.CLEAN / task / "dropped.json", tiles)
        kept = {"kept": 14, "rows": 16, "files": 16}
        files.save_json(paths.METRICS / f"clean-{task}.json", kept)
        files.save_json(paths.METRICS / f"split-{task}.json", SIZES)
        files.save_json(paths.METRICS / f"label-errors-{task}.json", {"rows": 6, "label_errors": 1})
        files.save_json(paths.METRICS / f"train-{task}.json", {"pseudo_labels": 5})
        (paths.MODELS / f"{task}.keras").write_bytes(b"a model")
    (paths.MODELS / "submission.keras").write_bytes(b"its model")
    refitted = {"networks": 1, "rows": 14, "left_out": 2}
    files.save_json(paths.METRICS / "refit-keypoints.json", refitted)
    paths.SUBMISSION.write_text("RowId,Location\n")
    times.note("train@keypoints", 269.4)
    return tmp_path


def save_table(path: Path, table) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    pd.DataFrame(table).to_csv(path, index=False)


def archives(rng) -> None:
    for folder in (paths.RAW, paths.MODELS):
        folder.mkdir(parents=True)
    packed = keypoint_zip(keypoint_members(n_train=4))
    (paths.RAW / "facial-keypoints-detection.zip").write_bytes(packed)
    shown = {name: encoded(photo(i, (60, 80))) for i, name in enumerate(PHOTOS)}
    (paths.RAW / "face-detection.zip").write_bytes(zip_of(shown))


def rows_of(name: str, values: list) -> pd.DataFrame:
    return pd.DataFrame({name: values, "split": np.repeat([*SIZES], [*SIZES.values()])})


def history(metric: str) -> dict:
    falling = [9.0, 4.0, 2.0, 1.5]
    sides = ("train", "validation")
    return {"epoch": [1, 2, 3, 4], **{f"{side}_{metric}": falling for side in sides}}


def keypoints(rng) -> None:
    """Two groups of annotators, and one suspect."""
    target = {side: rng.uniform(20, 70, (n, 19, 2)) for side, n in SIZES.items()}
    group = np.repeat([GROUP_15, GROUP_4], SIZES["test"] // 2)
    target["test"][group == GROUP_15, 15:] = np.nan
    target["test"][group == GROUP_4, :15] = np.nan
    arrays = {f"{side}_target": points for side, points in target.items()}
    for side, n in SIZES.items():
        arrays[f"{side}_images"] = rng.integers(0, 256, (n, 96, 96, 1)).astype(np.uint8)
    files.save_arrays(paths.SPLIT / "keypoints", {**arrays, "test_group": group})
    answer = np.nan_to_num(target["test"], nan=40) + rng.normal(0, 1, target["test"].shape)
    files.save_arrays(paths.ANSWERS, {"keypoints": answer})
    metrics = of_keypoints.scores(answer, target["test"], group, target["train"], 1)
    files.save_json(paths.METRICS / "keypoints.json", metrics)
    save_table(paths.METRICS / "plots" / "keypoints-history.csv", history("rmse"))
    rows = rows_of("row", list(range(1, 15)))
    save_table(paths.SPLIT / "keypoints" / "rows.csv", rows)
    save_table(
        paths.LABEL_ERRORS / "keypoints" / "label_errors.csv", rows[:1].assign(suspicion=[12.5])
    )
    files.save_arrays(paths.LABEL_ERRORS / "keypoints", {"expected": target["train"][:1] + 5})


def photos(rng) -> None:
    """As many classes as CLASSES, and at least one mistake and one suspect."""
    n = len(CLASSES)
    label = {side: np.arange(size) % n for side, size in SIZES.items()}
    arrays = {f"{side}_target": np.eye(n)[of] for side, of in label.items()}
    for side, size in SIZES.items():
        arrays[f"{side}_images"] = rng.integers(0, 256, (size, 60, 60, 3)).astype(np.uint8)
    files.save_arrays(paths.SPLIT / "gender", arrays)
    files.save_json(paths.SPLIT / "gender" / "outputs.json", CLASSES)
    answer = rng.dirichlet(np.ones(n), SIZES["test"])
    files.save_arrays(paths.ANSWERS, {"gender": answer})
    metrics = of_gender.scores(answer, arrays["test_target"], CLASSES)
    files.save_json(paths.METRICS / "gender.json", metrics)
    save_table(paths.METRICS / "plots" / "gender-history.csv", history("log_loss"))
    bins = of_gender.reliability(answer, label["test"])
    bins.to_csv(paths.METRICS / "plots" / "gender-reliability.csv", index=False)
    rows = rows_of("file", [f"{CLASSES[i % n]}/{i}_{LONG}.jpg" for i in range(14)])
    save_table(paths.SPLIT / "gender" / "rows.csv", rows)
    doubted = rows[:1].assign(label=CLASSES[:1], suspicion=[0.99])
    save_table(paths.LABEL_ERRORS / "gender" / "label_errors.csv", doubted)
    files.save_arrays(paths.LABEL_ERRORS / "gender", {"expected": np.eye(n)[1:2]})
