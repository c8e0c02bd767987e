"""Faces in made-up video frames: how many are found, what else is taken for one, and how well.

A third of the frames shows a face of the keypoint test split, a third a photo of the gender test
split, a third none. Faces are small, blurred, badly lit, noisy and compressed, on the ground that
the sample draws behind its faces. `predict` answers as it does for files. A face is found where its
eyes are, or within its photo. Errors of points are shares of the distance between the eyes. Run the
pipeline first.
"""

import zipfile
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageFilter

from bench.report import Line
from faces.core import paths, sides
from faces.data.photos import read_photo
from faces.detection.finding import answer
from faces.detection.models import load_models
from faces.gender.scoring.scores import wilson
from faces.keypoints.points import N_POINTS, POINT_NAMES
from faces.sources.drawn.camera import compress, photograph
from faces.sources.drawn.scene import background

NUMBER = 200  # frames of each kind
SIZES = ((320, 240), (480, 360), (640, 480))
EYES = [0, 1]  # of POINT_NAMES
BLUR, NOISE = 1.5, 8.0  # standard deviations: pixels of the frame, gray values
SOFT = 0.06  # of a face's picture: where it fades into the ground
NEAR = 0.5  # of the distance between the eyes: how far off a face that was found may be
GOAL = 0.99  # of the faces found


@dataclass(frozen=True)
class Face:
    """A picture with a face: its least and largest height in a frame, pixels, and what is known.

    Attributes:
        points: (15, 2), pixels of the picture, NaN where unknown; or None. label: its class.
    """

    image: Image.Image
    heights: tuple[int, int]
    points: np.ndarray | None = None
    label: str = ""

    def has(self, eyes: np.ndarray) -> bool:
        """Say whether eyes (2, 2), pixels of the picture, lie where its face's do, or within it."""
        middle = eyes.mean(axis=0)
        if self.points is None:
            return bool((middle >= 0).all() and (middle <= self.image.size).all())
        off = np.linalg.norm(middle - self.points[EYES].mean(axis=0))
        return bool(off <= NEAR * self.eyes_apart())

    def eyes_apart(self) -> float:
        """Measure the distance between the eyes, pixels."""
        return float(np.linalg.norm(np.diff(self.points[EYES], axis=0)))


def make_frame(face: Face | None, rng: np.random.Generator) -> tuple[Image.Image, float, tuple]:
    """Lay the face somewhere in a frame, as a cheap camera would see it: frame, scale, corner."""
    size, scale, corner = SIZES[rng.integers(len(SIZES))], 1.0, (0, 0)
    clutter = background(rng, *size).transpose(1, 2, 0)
    picture = Image.fromarray((clutter * 255 + 0.5).astype(np.uint8))
    if face:
        height = int(rng.integers(face.heights[0], min(face.heights[1], size[1] - 20)))
        scale = min(height / face.image.height, size[0] / face.image.width)
        small = face.image.resize([round(side * scale) for side in face.image.size])
        corner = tuple(int(rng.integers(0, size[i] - small.size[i] + 1)) for i in (0, 1))
        picture.paste(small, corner, soft_mask(small.size))
    exposed = photograph(np.asarray(picture, np.float32) / 255, size, rng, rough=0)
    blurred = exposed.filter(ImageFilter.GaussianBlur(rng.uniform(0, BLUR)))
    noisy = blurred + rng.normal(0, rng.uniform(0, NOISE), (*size[::-1], 1))
    taken = Image.fromarray(np.clip(noisy + 0.5, 0, 255).astype(np.uint8))
    return read_photo(compress(taken, int(rng.integers(30, 61)))), scale, corner


def soft_mask(size: tuple[int, int]) -> Image.Image:
    """Make a mask that is opaque within and fades at the edges."""
    edge = max(2, round(SOFT * min(size)))
    mask = Image.new("L", size, 0)
    mask.paste(255, (edge, edge, size[0] - edge, size[1] - edge))
    return mask.filter(ImageFilter.GaussianBlur(edge / 2))


def faces_of_rows() -> list[Face]:
    """Give the keypoint test rows whose eyes are known."""
    test = sides.load(paths.SPLIT / "keypoints", "test")
    return [
        Face(Image.fromarray(image[..., 0]).convert("RGB"), (55, 180), target[:N_POINTS])
        for image, target in zip(test["image"], test["target"], strict=True)
        if np.isfinite(target[EYES]).all()
    ]


def faces_of_photos() -> list[Face]:
    """Give the gender test photos."""
    rows = sides.table(paths.SPLIT / "gender").query("split == 'test'")
    with zipfile.ZipFile(paths.CLEAN / "gender/photos.zip") as archive:
        return [
            Face(read_photo(archive.read(file)), (100, 220), label=label)
            for file, label in zip(rows["file"], rows["label"], strict=True)
        ]


def judged(face: Face | None, scale: float, corner: tuple, answers: list[dict]) -> dict:
    """Count faces `found` and `false` in a frame; of one that is found, its `error` or `right`."""
    if face is None:
        return {"false": len(answers)}
    points = [np.array([a["keypoints"][name] for name in POINT_NAMES]) for a in answers]
    # Whole numbers are the middles of pixels.
    points = [(each + 0.5 - corner) / scale - 0.5 for each in points]
    own = next((i for i, each in enumerate(points) if face.has(each[EYES])), None)
    row = {"found": own is not None, "false": len(answers) - (own is not None)}
    if own is None:
        return row
    if face.points is None:
        return row | {"right": answers[own]["gender"]["label"] == face.label}
    off = np.nanmean(np.linalg.norm(points[own] - face.points, axis=1))
    return row | {"error": float(off / face.eyes_apart())}


def line(kind: str, rows: list[dict]) -> Line:
    """Sum up the frames of a kind."""
    keys = "found", "right", "error"
    found, right, error = ([row[key] for row in rows if key in row] for key in keys)
    said = [f"{of(found)} found"] if found else []
    said += [f"{sum(row['false'] for row in rows)} false"]
    said += [f"{of(right)} of the right class"] if right else []
    said += [f"points off by {np.mean(error):.2%}"] if error else []
    goal = (f"{GOAL:.0%} found", float(np.mean(found)) >= GOAL) if found else ()
    return Line(f"{len(rows)} frames, {kind}", "; ".join(said), "", "", *goal)


def of(yes: list[bool]) -> str:
    """Say how many, of how many, with Wilson's interval."""
    low, high = wilson(sum(yes), len(yes))
    return f"{sum(yes)} of {len(yes)} ({low:.1%} to {high:.1%})"


def measure(share: float = 1) -> list[Line]:
    """Measure frames of each kind; faces may come twice."""
    rng, models, lines = np.random.default_rng(0), load_models(paths.MODELS), []
    kinds = {"keypoint row": faces_of_rows(), "photo": faces_of_photos(), "no face": [None]}
    for kind, faces in kinds.items():
        rows = []
        for i in rng.integers(0, len(faces), max(1, round(share * NUMBER))):
            image, *place = make_frame(faces[i], rng)
            rows.append(judged(faces[i], *place, answer(image, models)))
        lines.append(line(kind, rows))
    return lines
