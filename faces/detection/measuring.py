"""How faces lie in the training photos of both tasks, measured by the keypoint network.

Its own points are measured in both sets, so that they are the same points in each.
"""

from dataclasses import asdict

import cv2
import numpy as np

from faces.detection.alignment import measured
from faces.detection.doubt import points_and_doubt
from faces.keypoints.points import FRAME, N_POINTS

MOST = 512  # photos of each set: medians need no more


def alignments(network, keypoints: np.ndarray, gender: np.ndarray) -> dict:
    """What `measure` says of the photos of both tasks.

    Args:
        network: with `predict_on_batch`, to points and heatmaps.
        keypoints, gender: uint8 (n, size, size, 1 or 3), square photos to train on.
    """
    points, doubts = [], []
    for images in (keypoints, gender):
        found, doubt = points_and_doubt(network, gray_frames(evenly(images, MOST)))
        points.append((found[:, :N_POINTS] + 0.5) / FRAME)
        doubts.append(doubt)
    return measure(*points, doubts[0])


def measure(keypoints: np.ndarray, gender: np.ndarray, doubt: np.ndarray) -> dict:
    """What predict reads: a framing for each task, and the doubt that the network has of faces.

    Args:
        keypoints, gender: points (n, 15, 2) in photos of both sets, shares of their sides.
        doubt: (n, 2), of the first set, as `points_and_doubt` gives it.
    """
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
    grays = images[..., 0] if images.shape[-1] == 1 else luminance(images)
    if grays.shape[1] != FRAME:
        grays = np.stack(
            [cv2.resize(g, (FRAME, FRAME), interpolation=cv2.INTER_AREA) for g in grays]
        )
    return grays[..., None]


def luminance(images: np.ndarray) -> np.ndarray:
    """Gray levels uint8 (n, h, w) of colours (n, h, w, 3), weighted as Pillow weights them."""
    return (images @ np.array([0.299, 0.587, 0.114])).round().astype(np.uint8)
