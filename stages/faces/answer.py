"""Photos -> the faces in them, each with its box, class and points. No state, no files written."""

import threading
from dataclasses import dataclass

import numpy as np
from PIL import Image

from stages.faces import frame, verify
from stages.faces.ask import points_and_doubt
from stages.faces.detect import DETECTORS, Candidate, Detectors
from stages.faces.frame import Framing
from stages.faces.models import Models
from stages.faces.patch import Patch, cut_patch
from stages.gender import answer as gender
from stages.keypoints.labels import FRAME, POINT_NAMES, clip_to_frame
from stages.photos import PhotoFault, check_content

SMALLEST = 16  # pixels of a photo's side that may be the crop of a face
VIEWS = 3  # small shifts that the class is averaged over
_own = threading.local()  # detectors of each thread


@dataclass(frozen=True)
class Suspect:
    """A part of a photo that may hold a face, and the photo's width and height.

    Attributes:
        whole: what the photo would be as the crop of a face, whatever detectors say; it is
            looked at where no other suspect of its photo is believed.
    """

    patch: Patch
    candidate: Candidate
    photo_size: tuple[int, int]
    whole: bool = False


def answer_photos(photos: list[Image.Image], models: Models) -> list[list[dict]]:
    """The faces of each photo, as in predict's JSON, the surest first.

    Args:
        photos: upright, RGB, as `stages.photos.read_photo` gives them.

    Returns:
        For each photo a list of {"box": [x, y, width, height], "gender": {"label",
        "probability"}, "keypoints": {name: [x, y]}}, pixels of the photo; empty without a face.
    """
    return answer_suspects([suspects(photo, models) for photo in photos], models)


def detectors() -> Detectors:
    """The detectors of this thread, loaded when first asked for."""
    if not hasattr(_own, "detectors"):
        _own.detectors = Detectors()
    return _own.detectors


def suspects(photo: Image.Image, models: Models) -> list[Suspect]:
    """The parts of a photo that may hold a face. May be called in several threads.

    Detectors miss a face that the photo's edge cuts off, which portraits often do: so the last one
    is where the face would lie if the photo were framed as the class network's own photos are.
    """
    found = [Suspect(cut_patch(photo, c.box), c, photo.size) for c in detectors().candidates(photo)]
    whole = as_whole(photo, models)
    return [*found, whole] if whole else found


def as_whole(photo: Image.Image, models: Models) -> Suspect | None:
    """What a photo would be if it were framed as the class network's own photos are.

    None if it shows nothing, or if the keypoint network cannot tell faces.
    """
    if not (verify.tells_faces(models.doubt) and shows_something(photo, SMALLEST)):
        return None
    box = verify.box_as_framed(photo.size, models.framing["gender"], models.framing["keypoints"])
    unseen = Candidate(box, np.zeros(len(DETECTORS)))
    return Suspect(cut_patch(photo, box), unseen, photo.size, whole=True)


def shows_something(photo: Image.Image, smallest: int) -> bool:
    """Whether it is neither blank nor a strip, and no side is below `smallest` pixels."""
    try:
        check_content(photo, smallest)
    except PhotoFault:
        return False
    return True


def answer_suspects(found: list[list[Suspect]], models: Models) -> list[list[dict]]:
    """The faces among the suspects of each photo; all photos' networks are asked at once."""
    detected = [[s for s in of_one if not s.whole] for of_one in found]
    faces = believed(detected, verify.BELIEF, models)
    with_face = {photo for photo, _, _ in faces}
    left = [
        [] if photo in with_face else [s for s in of_one if s.whole]
        for photo, of_one in enumerate(found)
    ]
    faces += believed(left, verify.BELIEF_OF_WHOLE, models)
    answers: list[list[dict]] = [[] for _ in found]
    if faces:
        points = np.stack([own for _, _, own in faces])
        chances = classes_of([suspect.patch for _, suspect, _ in faces], points, models)
        for (photo, suspect, own), chance in zip(faces, chances, strict=True):
            pose, framing = frame.poses(own[None])[0], models.framing["keypoints"]
            box = verify.box_of(pose, framing, suspect.photo_size)
            answers[photo].append(face(box, own, chance, models))
    return answers


def believed(
    found: list[list[Suspect]], least: float, models: Models
) -> list[tuple[int, Suspect, np.ndarray]]:
    """Suspects that are believed more than `least` to be a face: photo, suspect, points (15, 2)."""
    everyone = [s for suspects_of_one in found for s in suspects_of_one]
    if not everyone:
        return []
    owner = np.repeat(np.arange(len(found)), [len(of_one) for of_one in found])
    points, belief = look(everyone, models)
    chosen = verify.choose(frame.poses(points), belief, owner, least)
    return [(int(owner[i]), everyone[i], points[i]) for i in chosen]


def look(everyone: list[Suspect], models: Models) -> tuple[np.ndarray, np.ndarray]:
    """Points of each suspect, (n, 15, 2), pixels of its photo, and how surely it is a face."""
    points, better, doubt = look_twice(everyone, models)
    votes = np.stack([s.candidate.votes for s in everyone])
    belief = verify.belief(votes, doubt, models.doubt, points, better)
    # The mean of both: on made-up frames its error was 0.1% of the eyes' distance smaller.
    return (points + better) / 2, belief


def look_twice(
    everyone: list[Suspect], models: Models
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Points (n, 15, 2) of a first crop and of a second round them, pixels, and doubt (n, 2)."""
    boxes = np.stack([s.candidate.box for s in everyone])
    first = verify.pose_of(boxes, models.framing["keypoints"])
    patches = [s.patch for s in everyone]
    points, _ = read(patches, first, models)
    second = verify.near(frame.poses(points), first)
    return points, *read(patches, second, models)


def read(patches: list[Patch], poses: np.ndarray, models: Models):
    """Points (n, 15, 2) in pixels of the photos, and the network's doubt, of crops at poses."""
    crops, maps = crops_at(patches, poses, models.framing["keypoints"], FRAME, gray=True)
    points, doubt = points_and_doubt(models.keypoints, crops)
    points, _ = clip_to_frame(points)
    placed = [
        patch.in_photo(frame.back(own, to_frame))
        for patch, own, to_frame in zip(patches, points, maps, strict=True)
    ]
    return np.stack(placed), doubt


def crops_at(patches: list[Patch], poses: np.ndarray, framing: Framing, side: int, gray=False):
    """Crops uint8 (n, side, side, 1 or 3), and the maps from each patch to its crop."""
    crops, maps = [], []
    for patch, pose in zip(patches, poses, strict=True):
        within = np.array([*patch.in_patch(pose[:2]), pose[2] / patch.to_photo[0], pose[3]])
        maps.append(frame.to_crop(within, framing, side))
        image = np.asarray(Image.fromarray(patch.image).convert("L")) if gray else patch.image
        crops.append(frame.cut(image, maps[-1], side))
    stacked = np.stack(crops)
    return (stacked[..., None] if gray else stacked), maps


def classes_of(patches: list[Patch], points: np.ndarray, models: Models) -> np.ndarray:
    """Probabilities (n, classes) of faces framed as the class network's own photos were."""
    crops = framed(patches, points, models)
    return gender.outputs(models.gender, crops, flip_average=True, views=VIEWS)


def framed(patches: list[Patch], points: np.ndarray, models: Models) -> np.ndarray:
    """Faces cut out as the class network's own photos are framed: uint8 (n, size, size, 3)."""
    return crops_at(patches, frame.poses(points), models.framing["gender"], models.size)[0]


def face(box: list[int], points: np.ndarray, chance: np.ndarray, models: Models) -> dict:
    """A face of predict's JSON."""
    best = int(chance.argmax())
    label = {"label": models.classes[best], "probability": round(float(chance[best]), 4)}
    named = dict(zip(POINT_NAMES, points.round(2).tolist(), strict=True))
    return {"box": box, "gender": label, "keypoints": named}
