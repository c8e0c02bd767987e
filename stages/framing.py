"""Stage `framing`: how faces lie in the photos that each network was trained on.

`stages.predict` cuts faces out of photos just so. The keypoint network's own points are measured
in both training sets, so that they are the same points in each.
"""

from dataclasses import asdict
from pathlib import Path

import numpy as np

from stages import backend, errors, files, model_file, params
from stages.keypoints.labels import FRAME, N_POINTS

SPLIT, MODELS = Path("data/split"), Path("data/models")
KEYS = ["seed", "device", "precision", "deterministic"]
MOST = 512  # photos of each set: medians need no more


def main() -> None:
    settings = params.load(*KEYS)
    backend.keras()
    from stages.faces import ask
    from stages.training import device

    device.prepare(*(settings[k] for k in ("device", "precision", "seed", "deterministic")))
    model = model_file.load(MODELS / "keypoints.keras")
    asker = ask.with_heatmaps(model)
    points, doubts = {}, {}
    for task in ("keypoints", "gender"):
        images = files.load_arrays(SPLIT / task, "train_images")["train_images"]
        found, doubts[task] = ask.points_and_doubt(asker, gray_frames(evenly(images, MOST)))
        points[task] = (found[:, :N_POINTS] + 0.5) / FRAME
    result = measure(points["keypoints"], points["gender"], doubts["keypoints"])
    files.save_json(MODELS / "framing.json", result)
    print(", ".join(f"{task}: {values}" for task, values in result.items()))


def measure(keypoints: np.ndarray, gender: np.ndarray, doubt: np.ndarray) -> dict:
    """What predict reads: a framing for each task, and the doubt that the network has of faces.

    Args:
        keypoints, gender: points (n, 15, 2) in photos of both sets, shares of their sides.
        doubt: (n, 2), of the first set, as `points_and_doubt` gives it.
    """
    from stages.faces.frame import measured

    spread, apart = np.median(doubt, axis=0)
    return {
        "keypoints": asdict(measured(keypoints)),
        "gender": asdict(measured(gender, upright=keypoints)),
        "doubt": {
            "spread": None if np.isnan(spread) else round(float(spread), 3),
            "apart": round(float(apart), 3),
        },
    }


def evenly(images: np.ndarray, most: int) -> np.ndarray:
    """At most so many of the images, evenly spaced."""
    chosen = np.unique(np.linspace(0, len(images) - 1, min(most, len(images))).round().astype(int))
    return np.asarray(images[chosen])


def gray_frames(images: np.ndarray) -> np.ndarray:
    """Square photos uint8 (n, size, size, 1 or 3) as the keypoint network reads them."""
    import cv2

    grays = images[..., 0] if images.shape[-1] == 1 else luminance(images)
    if grays.shape[1] != FRAME:
        grays = np.stack(
            [cv2.resize(g, (FRAME, FRAME), interpolation=cv2.INTER_AREA) for g in grays]
        )
    return grays[..., None]


def luminance(images: np.ndarray) -> np.ndarray:
    """Gray levels uint8 (n, h, w) of colours (n, h, w, 3), weighted as Pillow weights them."""
    return (images @ np.array([0.299, 0.587, 0.114])).round().astype(np.uint8)


if __name__ == "__main__":
    errors.run(main, words=False)
