"""Gather what the page shows of keypoints: figures, charts, pictures."""

import numpy as np
import pandas as pd

from faces.data.tiles import Tile, by_rank, of_array
from faces.keypoints.points import FOUR_POINTS, FRAME, GROUP_4, GROUP_15, N_POINTS, POINT_NAMES
from faces.keypoints.scoring.scores import by_image, mean_face, rmse
from faces.reporting import charts

SHOWN = 6
LABEL_ERRORS = 12
READS = ("test_images", "test_target", "test_group", "train_images", "train_target")


def section(metrics: dict, answer: np.ndarray, arrays: dict, history: pd.DataFrame) -> dict:
    """Values of the page's part on keypoints.

    Args:
        metrics: metrics/keypoints.json. answer: (n, 19, 2), of the test images.
        arrays: those named in READS. history: of the training.
    """
    error = np.clip(answer, 0, FRAME) - arrays["test_target"]
    return {
        "metrics": metrics,
        "training": charts.training(history, "rmse", "RMSE, px"),
        "best_epoch": best_epoch(history, "rmse"),
        "epochs": len(history),
        "face": face(metrics["rmse_by_point"], arrays["train_images"], arrays["train_target"]),
        "points": points(metrics["rmse_by_point"]),
        "groups": groups(metrics, error, arrays["test_group"]),
        "ranks": ranks(arrays["test_images"], answer, arrays["test_target"], error),
    }


def best_epoch(history: pd.DataFrame, metric: str) -> int:
    """The epoch with the lowest validation score, whose weights the model has."""
    return int(history["epoch"].iloc[history[f"validation_{metric}"].to_numpy().argmin()])


def points(by_point: dict) -> list[dict]:
    """`name`, `rmse` and `share` (of the largest) of each point, the worst first."""
    known = [(name, value) for name, value in by_point.items() if value is not None]
    largest = max((value for _, value in known), default=1) or 1
    known.sort(key=lambda row: -row[1])
    return [
        {"name": n.replace("_", " "), "rmse": v, "share": round(v / largest, 3)} for n, v in known
    ]


def face(by_point: dict, images: np.ndarray, target: np.ndarray) -> dict:
    """The mean training image, and around each point's mean position its RMSE, in pixels.

    Args:
        images: uint8 (n, 96, 96, 1). target: (n, 19, 2), NaN where unknown.
    """
    mean = np.rint(np.mean(images, axis=0, dtype=np.float64)).astype(np.uint8)
    centres = mean_face(target)[:N_POINTS].round(2).tolist()
    circles = [
        {"x": x, "y": y, "r": by_point[name], "name": name.replace("_", " ")}
        for name, (x, y) in zip(POINT_NAMES, centres, strict=True)
        if by_point[name] is not None
    ]
    return {"tile": of_array(mean, ""), "circles": circles}


def groups(metrics: dict, error: np.ndarray, group: np.ndarray) -> dict:
    """The error by annotator group: over all that it marked, and on the four points of both.

    Args:
        error: (n, 19, 2), NaN where unknown. group: (n,), 15 or 4.
    """
    second = {point: N_POINTS + i for i, point in enumerate(FOUR_POINTS)}
    rows = [
        {
            "name": POINT_NAMES[point].replace("_", " "),
            "first": rmse(error[group == GROUP_15][:, point]),
            "second": rmse(error[group == GROUP_4][:, second[point]]),
        }
        for point in FOUR_POINTS
    ]
    return {
        "first": metrics["rmse_15"],
        "second": metrics["rmse_4"],
        "n_first": int((group == GROUP_15).sum()),
        "n_second": int((group == GROUP_4).sum()),
        "rows": rows,
    }


def ranks(images, answer, target, error) -> dict[str, list[Tile]]:
    """Faces with marked and predicted points: `best`, `median`, `worst`."""
    size = by_image(error)
    chosen = by_rank(np.argsort(size, kind="stable"), SHOWN)
    known = np.isfinite(target)
    return {
        name: [
            of_array(
                images[i], f"{size[i]:.2f} px", target[i], np.where(known[i], answer[i], np.nan)
            )
            for i in rows
        ]
        for name, rows in chosen.items()
    }


def label_errors(
    listed: pd.DataFrame, expected: np.ndarray, images: np.ndarray, target: np.ndarray
) -> list[Tile]:
    """Tiles of rows with label errors, the worst first.

    Args:
        listed: label_errors.csv. expected: (k, 19, 2), what networks trained on other rows
            answered. images, target: of these k rows.
    """
    tiles = []
    for i, (row, doubt) in enumerate(zip(listed["row"], listed["suspicion"], strict=True)):
        shown = np.where(np.isfinite(target[i]), expected[i], np.nan)
        tiles.append(of_array(images[i], f"row {row}: {doubt:.1f} px apart", target[i], shown))
    return tiles
