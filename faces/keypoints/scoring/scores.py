"""How good the predicted points are, in pixels of the 96x96 frame."""

import numpy as np
import pandas as pd

from faces.keypoints.points import FOUR_POINTS, FRAME, GROUP_4, GROUP_15, N_POINTS, POINT_NAMES

RESAMPLES = 1000


def rmse(error: np.ndarray) -> float | None:
    """Root of the mean squared error over the known coordinates; None if none is known.

    Args:
        error: pixels, NaN where unknown.

    >>> rmse(np.array([3.0, np.nan, 4.0]))
    3.5355
    """
    known = error[np.isfinite(error)].astype(np.float64)
    return round(float(np.sqrt(np.mean(known**2))), 4) if known.size else None


def mean_face(train_target: np.ndarray) -> np.ndarray:
    """The mean position of each output over the training rows that tell: float (19, 2).

    The middle of the frame for an output that no row tells.
    """
    known = np.isfinite(train_target)
    total = np.where(known, train_target, 0).sum(axis=0, dtype=np.float64)
    count = known.sum(axis=0)
    return np.where(count > 0, total / np.maximum(count, 1), (FRAME - 1) / 2)


def interval(error: np.ndarray, seed: int) -> list[float] | None:
    """95% interval of the RMSE by bootstrap over images (Efron 1979): [low, high], pixels.

    Args:
        error: (n, ...), NaN where unknown.
    """
    flat = error.reshape(len(error), -1).astype(np.float64)
    squares, counts = np.nansum(flat**2, axis=1), np.isfinite(flat).sum(axis=1)
    if not counts.sum():
        return None
    random = np.random.default_rng(seed)
    chosen = random.integers(0, len(flat), (RESAMPLES, len(flat)))
    # A resample may hold no known value at all where images are very few.
    values = np.sqrt(squares[chosen].sum(axis=1) / np.maximum(counts[chosen].sum(axis=1), 1))
    return [round(float(v), 4) for v in np.percentile(values, [2.5, 97.5])]


def scores(
    answer: np.ndarray, target: np.ndarray, group: np.ndarray, train_target: np.ndarray, seed: int
) -> dict:
    """The metrics of the test split.

    Args:
        answer: (n, 19, 2), the model's outputs. target: (n, 19, 2), NaN where unknown.
        group: (n,), 15 or 4. train_target: (m, 19, 2), for the mean face.
        seed: of the bootstrap.

    Returns:
        `rmse`, its `rmse_interval`, `rmse_15` and `rmse_4` (rows of each annotator group; None
        without rows), `rmse_mean_face`, `rmse_by_point`, `outside_frame` (how many asked
        coordinates were moved into the frame), `n_images`, `n_values`.
    """
    outside = int(((answer < 0) | (answer > FRAME))[np.isfinite(target)].sum())
    error = np.clip(answer, 0, FRAME) - target
    return {
        "rmse": rmse(error),
        "rmse_interval": interval(error, seed),
        "rmse_15": rmse(error[group == GROUP_15]),
        "rmse_4": rmse(error[group == GROUP_4]),
        "rmse_mean_face": rmse(mean_face(train_target) - target),
        "rmse_by_point": dict(zip(POINT_NAMES, by_point(error), strict=True)),
        "outside_frame": outside,
        "n_images": len(target),
        "n_values": int(np.isfinite(target).sum()),
    }


def by_point(error: np.ndarray) -> list[float | None]:
    """RMSE of each of the 15 points, over both annotator groups.

    Args:
        error: (n, 19, 2).
    """
    second = {point: error[:, N_POINTS + i] for i, point in enumerate(FOUR_POINTS)}
    unknown = np.full((0, 2), np.nan)
    return [rmse(np.concatenate([error[:, i], second.get(i, unknown)])) for i in range(N_POINTS)]


def by_image(error: np.ndarray) -> np.ndarray:
    """RMSE of each image, pixels: float (n,); 0 for an image without any known point.

    Args:
        error: (n, 19, 2), NaN where unknown.
    """
    counts = np.isfinite(error).sum(axis=(1, 2))
    return np.sqrt(np.nansum(error**2, axis=(1, 2)) / np.maximum(counts, 1))


def plot_table(metrics: dict) -> pd.DataFrame:
    """`point`, `rmse`: what DVC draws as bars, worst point first."""
    rows = [(name, value) for name, value in metrics["rmse_by_point"].items() if value is not None]
    table = pd.DataFrame(rows, columns=["point", "rmse"])
    return table.sort_values("rmse", ascending=False, kind="stable")


def cumulative(error: np.ndarray) -> pd.DataFrame:
    """Share of the images whose RMSE is at most so large: `error` in pixels, `share` 0 to 1.

    Args:
        error: (n, 19, 2), NaN where unknown.
    """
    per_image = by_image(error)
    known = np.isfinite(error).any(axis=(1, 2))
    steps = np.linspace(0, np.ceil(per_image.max(initial=1)), 101)
    share = (per_image[known][None] <= steps[:, None]).mean(axis=1)
    return pd.DataFrame({"error": steps, "share": share}).round(4)
