"""Photos -> the faces in them, each with its box, class and points. No state, no files written.

The detector proposes, the keypoint network disposes: what it cannot read is no face.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from PIL import Image

from faces.core.test_time import averaged
from faces.detection import alignment, detector
from faces.detection.alignment import Framing
from faces.detection.doubt import points_and_doubt, points_of
from faces.detection.models import Models
from faces.keypoints.points import FRAME, POINT_NAMES, clip_to_frame

# How many times as much as of the photos that it was trained on the keypoint network may doubt a
# face. On 600 made-up frames of the real photos' test split (`python -m bench.frames`), 99% of the
# faces are doubted less, and 98% of what else the detector proposes is doubted more.
DOUBT = 2.0
LEAST = 0.5  # of the usual: less of one doubt makes up for no more of the other
OTHER = 2.0  # times as large or small as the detector says: then the points are of no face
NEXT = 0.6  # of the larger face's size: eyes of two faces are further apart
# Pixels of the copy that was searched, of the detector's box. While the smallest face that it shows
# is smaller, or it shows none, there may be others that are too small for it: twice as large a
# copy is searched.
LARGE = 2 * detector.SMALLEST
TO_MOUTH = 0.75  # of a face's size, from the eyes on
BOX = 1.3  # of a face's size: the side of the detector's box


@dataclass(frozen=True)
class Faces:
    """Faces of a photo: points (n, 15, 2), pixels, and how much each is doubted, (n,)."""

    points: np.ndarray
    doubt: np.ndarray

    def of(self, chosen: np.ndarray) -> "Faces":
        """Some of them, by number."""
        return Faces(self.points[chosen], self.doubt[chosen])

    def and_these(self, others: "Faces") -> "Faces":
        """Both, each face once, the surest first."""
        points = np.concatenate([self.points, others.points])
        doubt = np.concatenate([self.doubt, others.doubt])
        return Faces(points, doubt).of(once(alignment.poses(points), doubt))


NOBODY = Faces(np.empty((0, 15, 2)), np.empty(0))


def answer(photo: Image.Image, models: Models) -> list[dict]:
    """The faces of a photo, as in predict's JSON, the surest first. May run in several threads.

    Args:
        photo: upright, RGB, as `faces.data.photos.read_photo` gives it.

    Returns:
        A list of {"box": [x, y, width, height], "gender": {"label", "probability"}, "keypoints":
        {name: [x, y]}}, pixels of the photo; empty without a face.
    """
    image = np.asarray(photo)
    found = search(image, models)
    if not len(found.points):
        return []
    chances = classes([image] * len(found.points), found.points, models)
    return [
        face(points, chance, photo.size, models)
        for points, chance in zip(found.points, chances, strict=True)
    ]


def search(image: np.ndarray, models: Models) -> Faces:
    """The faces of a photo, uint8 (h, w, 3), on as many copies of it as it needs."""
    found = NOBODY
    for copy, scale in detector.copies(image):
        proposed = models.detector.poses(copy, detector.squares(copy.shape[:2]), scale)
        found = found.and_these(confirmed(image, new(proposed, found), models))
        least = alignment.poses(found.points)[:, 2].min(initial=np.inf)
        if len(found.points) and least * scale * BOX >= LARGE:
            break
    return found


def new(poses: np.ndarray, known: Faces) -> np.ndarray:
    """The poses (n, 4) that are of no face that is known."""
    return poses[elsewhere(poses, alignment.poses(known.points))]


def confirmed(image: np.ndarray, poses: np.ndarray, models: Models) -> Faces:
    """Those of the proposed poses (n, 4) that the keypoint network takes for faces.

    The detector sees faces that are upside down, but not that they are.
    """
    points, doubt = look([image] * len(poses), poses, models)
    found = Faces(points, doubt).of(np.flatnonzero(doubt <= DOUBT))
    turned = upside_down(poses[doubt > DOUBT])
    points, doubt = look([image] * len(turned), turned, models)
    return found.and_these(Faces(points, doubt).of(np.flatnonzero(doubt <= DOUBT)))


def upside_down(poses: np.ndarray) -> np.ndarray:
    """Poses (n, 4) of faces whose eyes were taken for the mouth, and the other way round."""
    x, y, size, tilt = poses.T
    down = TO_MOUTH * size
    return np.column_stack([x - down * np.sin(tilt), y + down * np.cos(tilt), size, tilt + np.pi])


def look(images: list[np.ndarray], poses: np.ndarray, models: Models):
    """Points of what lies at these poses: the mean of a first crop's and of one round these.

    Each crop's points are off in their own way, by the pixels it happened to sample.

    Args:
        images: uint8 (h, w, 3), of each pose.

    Returns:
        float (n, 15, 2), pixels, and how much the network doubts them, (n,): 1 is usual.
    """
    if not len(poses):
        return NOBODY.points, NOBODY.doubt
    framing = models.framing["keypoints"]
    crops, maps = crops_at(images, poses, framing, FRAME)
    first = placed(points_of(models.keypoints, grays(crops)), maps)
    better = alignment.poses(first)
    points, doubt = read(images, better, models)
    far = np.abs(np.log(np.maximum(better[:, 2], 1e-6) / poses[:, 2])) > np.log(OTHER)
    return (first + points) / 2, np.where(far, np.inf, doubt)


def read(images: list[np.ndarray], poses: np.ndarray, models: Models):
    """The same of one crop at each pose, which lies well."""
    crops, maps = crops_at(images, poses, models.framing["keypoints"], FRAME)
    points, doubt = points_and_doubt(models.keypoints, grays(crops))
    return placed(points, maps), relative(doubt, models.usual)


def relative(doubt: np.ndarray, usual: np.ndarray) -> np.ndarray:
    """Doubt (n, 2) in multiples of the usual (2,): the geometric mean of what is known."""
    return np.exp(np.nanmean(np.log(np.maximum(doubt / usual, LEAST)), axis=1))


def placed(points: np.ndarray, maps: list[np.ndarray]) -> np.ndarray:
    """Points (n, 15, 2) of crops, in pixels of their photos."""
    within, _ = clip_to_frame(points)
    return np.stack(
        [alignment.back(own, to_crop) for own, to_crop in zip(within, maps, strict=True)]
    )


def crops_at(images: list[np.ndarray], poses: np.ndarray, framing: Framing, side: int):
    """Crops uint8 (n, side, side, 3), and the maps from each image to its crop."""
    maps = [alignment.to_crop(pose, framing, side) for pose in poses]
    crops = [alignment.cut(image, own, side) for image, own in zip(images, maps, strict=True)]
    return np.stack(crops), maps


def grays(crops: np.ndarray) -> np.ndarray:
    """Crops (n, side, side, 3) in gray, (n, side, side, 1)."""
    return np.stack([cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY) for crop in crops])[..., None]


def classes(images: list[np.ndarray], points: np.ndarray, models: Models) -> np.ndarray:
    """Probabilities (n, classes) of faces framed as the class network's own photos were."""
    return classes_of(framed(images, points, models), models)


def classes_of(crops: np.ndarray, models: Models) -> np.ndarray:
    """The same of crops uint8 (n, size, size, 3), averaged with their mirror images.

    Small shifts besides would take a third of a photo's time, for nothing that can be told:
    docs/experiments.md, "What an answer costs".
    """

    def ask(seen, shift, mirrored):
        return models.gender.predict_on_batch(seen)

    return averaged(crops, 1, True, ask)


def framed(images: list[np.ndarray], points: np.ndarray, models: Models) -> np.ndarray:
    """Faces cut out as the class network's own photos are framed: uint8 (n, size, size, 3)."""
    return crops_at(images, alignment.poses(points), models.framing["gender"], models.size)[0]


def once(poses: np.ndarray, doubt: np.ndarray) -> np.ndarray:
    """Numbers of the faces without those that are there twice, the surest first."""
    chosen: list[int] = []
    for i in np.argsort(doubt, kind="stable"):
        if apart(poses[i], poses[chosen]).all():
            chosen.append(int(i))
    return np.array(chosen, int)


def elsewhere(poses: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Which poses (n, 4) are of other faces than all the others (m, 4): bool (n,)."""
    return np.array([apart(pose, others).all() for pose in poses], bool)


def apart(pose: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Whether a pose is that of another face than each of the others (n, 4): bool (n,)."""
    away = np.linalg.norm(others[:, :2] - pose[:2], axis=1)
    return away > NEXT * np.maximum(others[:, 2], pose[2])


def face(points: np.ndarray, chance: np.ndarray, size: tuple[int, int], models: Models) -> dict:
    """A face of predict's JSON; its box is what the keypoint network's crop shows of the photo.

    Args:
        points: (15, 2). chance: (classes,). size: width and height of the photo, pixels.
    """
    pose = alignment.poses(points[None])[0]
    box = alignment.box_of(pose, models.framing["keypoints"], size)
    return {"box": box, **labelled(points, chance, models)}


def labelled(points: np.ndarray, chance: np.ndarray, models: Models) -> dict:
    """`gender` and `keypoints` of a face of predict's JSON."""
    best = int(chance.argmax())
    label = {"label": models.classes[best], "probability": round(float(chance[best]), 4)}
    return {
        "gender": label,
        "keypoints": dict(zip(POINT_NAMES, points.round(2).tolist(), strict=True)),
    }
