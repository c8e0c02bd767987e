"""Faces in made-up video frames: found, and how well?

    python -m bench.frames --frames 300

A third of the frames shows a face of the keypoint test split, a third a photo of the gender test
split, a third none. Faces are small, blurred, badly lit, noisy and compressed, on the ground that
the sample draws behind its faces. `predict` answers as it does for files. Run the pipeline first.
"""

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter

from bench.framing import photos_to_ask
from stages import files
from stages.errors import run
from stages.faces.answer import answer_photos
from stages.faces.frame import LEFT, RIGHT
from stages.faces.models import load_models
from stages.gender.scores import wilson
from stages.keypoints.labels import POINT_NAMES
from stages.photos import read_photo
from stages.predict import MODELS
from stages.progress import progress_bar
from stages.sample.camera import compress, photograph
from stages.sample.scene import background

KEYPOINTS = Path("data/split/keypoints")
SIZES = ((320, 240), (480, 360), (640, 480))
EYES = [LEFT, RIGHT]
BLUR, NOISE = 1.5, 8.0  # standard deviations: pixels of the frame, gray values
SOFT = 0.06  # of a face's picture: where it fades into the ground
NEAR = 0.5  # of the distance between the eyes: how far off a face that was found may be


@dataclass(frozen=True)
class Face:
    """A picture with a face: what is known of it, in pixels of the picture, and its class."""

    image: Image.Image
    sides: tuple[int, int]  # least and largest height in a frame
    points: np.ndarray | None = None
    label: str | None = None


@dataclass(frozen=True)
class Frame:
    """A frame, the face in it if it has one, and the map from the face's picture to the frame."""

    image: Image.Image
    face: Face | None = None
    scale: float = 1.0
    corner: tuple[int, int] = (0, 0)

    def points(self) -> np.ndarray:
        """float (15, 2), pixels of the frame; whole numbers are the middles of pixels."""
        return (self.face.points + 0.5) * self.scale - 0.5 + np.array(self.corner)


def make_frame(face: Face | None, rng: np.random.Generator) -> Frame:
    """The face somewhere in a frame, and what a cheap camera makes of it."""
    size = SIZES[rng.integers(len(SIZES))]
    clutter = background(rng, *size).transpose(1, 2, 0)
    picture = Image.fromarray((clutter * 255 + 0.5).astype(np.uint8))
    scale, corner = 1.0, (0, 0)
    if face:
        height = int(rng.integers(face.sides[0], min(face.sides[1], size[1] - 20)))
        scale = min(height / face.image.height, size[0] / face.image.width)
        sides = [round(side * scale) for side in face.image.size]
        small = face.image.resize(sides, Image.Resampling.BICUBIC)
        corner = tuple(int(rng.integers(0, size[i] - small.size[i] + 1)) for i in (0, 1))
        picture.paste(small, corner, soft_mask(small.size))
    exposed = photograph(np.asarray(picture, np.float32) / 255, size, rng, rough=0)
    compressed = compress(by_cheap_camera(exposed, rng), int(rng.integers(30, 61)))
    return Frame(read_photo(compressed), face, scale, corner)


def by_cheap_camera(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Blurred by up to BLUR pixels, with noise of up to NOISE gray values, as its sensor has it."""
    blurred = np.asarray(image.filter(ImageFilter.GaussianBlur(rng.uniform(0, BLUR))), np.float32)
    noisy = blurred + rng.normal(0, rng.uniform(0, NOISE), (*blurred.shape[:2], 1))
    return Image.fromarray(np.clip(noisy + 0.5, 0, 255).astype(np.uint8))


def soft_mask(size: tuple[int, int]) -> Image.Image:
    """Opaque within, fading at the edges."""
    edge = max(2, round(SOFT * min(size)))
    mask = Image.new("L", size, 0)
    mask.paste(255, (edge, edge, size[0] - edge, size[1] - edge))
    return mask.filter(ImageFilter.GaussianBlur(edge / 2))


def keypoint_faces(images: np.ndarray, targets: np.ndarray) -> list[Face]:
    """Faces of rows whose eyes are known: uint8 (n, 96, 96, 1), float (n, 19, 2) with NaN."""
    known = np.isfinite(targets[:, EYES]).all(axis=(1, 2))
    return [
        Face(Image.fromarray(image[..., 0]).convert("RGB"), (55, 180), points=target)
        for image, target in zip(images[known], targets[known, : len(POINT_NAMES)], strict=True)
    ]


def judged(frame: Frame, answers: list[dict]) -> dict:
    """Of one frame: `kind`, number of `false` faces, if it has a face `found`, and if that is found
    `error` (a share of the distance between the eyes) or `right`, as far as the truth is known."""
    if frame.face is None:
        return {"kind": "no face", "false": len(answers)}
    row = {"kind": "photo" if frame.face.points is None else "keypoint row"}
    own = next((a for a in answers if is_it(frame, eyes_of(a))), None)
    row |= {"found": own is not None, "false": len(answers) - (own is not None)}
    if own is None:
        return row
    if frame.face.points is None:
        return row | {"right": own["gender"]["label"] == frame.face.label}
    wanted = frame.points()
    found = np.array([own["keypoints"][name] for name in POINT_NAMES])
    apart = np.linalg.norm(found - wanted, axis=1)
    return row | {"error": float(np.nanmean(apart) / np.linalg.norm(np.diff(wanted[EYES], axis=0)))}


def eyes_of(answer: dict) -> np.ndarray:
    """(2, 2), pixels of the frame."""
    return np.array([answer["keypoints"][POINT_NAMES[i]] for i in EYES])


def is_it(frame: Frame, eyes: np.ndarray) -> bool:
    """Whether these eyes (2, 2) lie where the face's do, or within its photo."""
    if frame.face.points is None:
        width, height = (np.array(frame.face.image.size) * frame.scale).tolist()
        within = eyes.mean(axis=0) - np.array(frame.corner)
        return bool((within >= 0).all() and within[0] <= width and within[1] <= height)
    wanted = frame.points()[EYES]
    least = NEAR * np.linalg.norm(wanted[0] - wanted[1])
    return bool(np.linalg.norm(eyes.mean(axis=0) - wanted.mean(axis=0)) <= least)


def as_markdown(rows: list[dict]) -> str:
    """A table with a line for each kind of frame."""
    lines = [
        "| frames | faces found | false faces a frame | point error, of the eyes' distance "
        "| class right, of those found |",
        "| --- | --- | --- | --- | --- |",
    ]
    for kind in dict.fromkeys(row["kind"] for row in rows):
        part = [row for row in rows if row["kind"] == kind]
        found, errors, right = (
            [row[name] for row in part if name in row] for name in ("found", "error", "right")
        )
        cells = [
            f"{len(part)}, {kind}",
            share(found) if found else "",
            f"{np.mean([row['false'] for row in part]):.3f}",
            f"{np.mean(errors):.2%}" if errors else "",
            share(right) if right else "",
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def share(yes: list[bool]) -> str:
    """How many, of how many, with Wilson's interval."""
    low, high = wilson(sum(yes), len(yes))
    return f"{sum(yes)} of {len(yes)} ({low:.1%} to {high:.1%})"


def all_faces(number: int, rng: np.random.Generator) -> list[Face | None]:
    """So many of each kind: keypoint rows, photos, none. Rows and photos may come twice."""
    arrays = files.load_arrays(KEYPOINTS, "test_images", "test_target")
    rows = keypoint_faces(arrays["test_images"], arrays["test_target"])
    photos = [
        Face(photo, (100, 220), label=label)
        for photo, label in zip(*photos_to_ask(number), strict=True)
    ]
    drawn = [[kind[i] for i in rng.integers(0, len(kind), number)] for kind in (rows, photos)]
    return [*drawn[0], *drawn[1], *[None] * number]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.frames", description=__doc__)
    parser.add_argument("--frames", type=int, default=300)
    number, rng = parser.parse_args().frames // 3, np.random.default_rng(0)
    models, rows = load_models(MODELS), []
    for face in progress_bar(all_faces(number, rng), "frames", unit="frame"):
        frame = make_frame(face, rng)
        rows.append(judged(frame, answer_photos([frame.image], models)[0]))
    print(as_markdown(rows))


if __name__ == "__main__":
    run(main, timed=False)
