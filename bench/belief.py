"""How `predict` tells faces from what is none: its weights, measured anew.

    python -m bench.belief --frames 1200

Makes frames as `bench.frames` does, fits a logistic regression to what detectors and network say of
the candidates in those of the train split, and judges it on those of the validation split, beside
the weights that `stages/faces/verify.py` has. A quarter of the frames shows a face of a keypoint
row, a quarter a photo, a quarter a photo upside down or on its side (hair, skin and cloth, and no
upright face), a quarter nothing. Run the pipeline first.
"""

import argparse
from dataclasses import dataclass

import numpy as np
from PIL import Image
from sklearn.linear_model import LogisticRegression

from bench.frames import EYES, KEYPOINTS, Face, Frame, is_it, keypoint_faces, make_frame
from bench.framing import photos_to_ask
from stages import files
from stages.errors import run
from stages.faces import verify
from stages.faces.answer import look_twice, suspects
from stages.faces.frame import poses
from stages.faces.models import Models, load_models
from stages.predict import MODELS
from stages.progress import progress_bar

WITH_FACE = ("row", "photo")
KINDS = (*WITH_FACE, "turned", "empty")
SIDES = (100, 220)  # least and largest height of a photo in a frame
LIMITS = (-1.0, -0.5, 0.0, 0.5, 1.0)
STIFFNESS = 1.0  # of scikit-learn's penalty on large weights, its C


@dataclass(frozen=True)
class Seen:
    """What is known of the candidates in frames: n of them in all.

    Attributes:
        features: (n, k), as `verify.features` gives them. belief: (n,), as `verify.belief` has it.
        found: poses (n, 4), pixels.
        face: bool (n,), whether it is the frame's face. owner: int (n,), its frame.
        kinds: of each frame.
    """

    features: np.ndarray
    belief: np.ndarray
    found: np.ndarray
    face: np.ndarray
    owner: np.ndarray
    kinds: list[str]


def look_at(frames: list[Frame], kinds: list[str], models: Models) -> Seen:
    """Ask detectors and network of each frame; a face is one in frames of `WITH_FACE` only."""
    parts = []
    for number, frame in enumerate(progress_bar(frames, "look", unit="frame")):
        found = [suspect for suspect in suspects(frame.image, models) if not suspect.whole]
        if not found:
            continue
        first, second, doubt = look_twice(found, models)
        votes = np.stack([suspect.candidate.votes for suspect in found])
        points = (first + second) / 2
        face = [kinds[number] in WITH_FACE and is_it(frame, own[EYES]) for own in points]
        said = votes, doubt, models.doubt, first, second
        believed = verify.features(*said), verify.belief(*said)
        parts.append((*believed, poses(points), face, [number] * len(found)))
    return Seen(*(np.concatenate(each) for each in zip(*parts, strict=True)), kinds)


def make_frames(side: str, number: int) -> tuple[list[Frame], list[str]]:
    """So many frames of each of `KINDS`, of a side of the split: `train`, `validation`."""
    rng = np.random.default_rng([number, len(side)])
    arrays = files.load_arrays(KEYPOINTS, f"{side}_images", f"{side}_target")
    rows = keypoint_faces(arrays[f"{side}_images"], arrays[f"{side}_target"])
    photos, _ = photos_to_ask(number, side=side)
    faces = {
        "row": rows,
        "photo": [Face(photo, SIDES) for photo in photos],
        "turned": [Face(turned(photo, rng), SIDES) for photo in photos],
        "empty": [None],
    }
    kinds = [kind for kind in KINDS for _ in range(number)]
    made = progress_bar(kinds, f"frames of {side}", unit="frame")
    return [make_frame(faces[k][rng.integers(len(faces[k]))], rng) for k in made], kinds


def turned(photo: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Upside down, or on its side."""
    return photo.transpose(rng.choice([Image.Transpose.ROTATE_180, Image.Transpose.ROTATE_90]))


def judged(seen: Seen, belief: np.ndarray, least: float) -> list[str]:
    """For each kind of frame: faces found, of how many, and what else was taken for a face."""
    chosen = verify.choose(seen.found, belief, seen.owner, least)
    cells = []
    for kind in KINDS:
        own = [i for i in chosen if seen.kinds[seen.owner[i]] == kind]
        found = len({seen.owner[i] for i in own if seen.face[i]})
        frames = seen.kinds.count(kind)
        of_faces = f"{found} of {frames} found, " if kind in WITH_FACE else ""
        cells.append(f"{of_faces}{len(own) - found} false")
    return cells


def as_markdown(seen: Seen, ways: dict[str, np.ndarray]) -> str:
    """A table: each way to believe, (n,), at each limit."""
    lines = [f"| belief | limit | {' | '.join(KINDS)} |", "| --- " * (2 + len(KINDS)) + "|"]
    for name, belief in ways.items():
        for least in LIMITS:
            lines.append(f"| {name} | {least:g} | {' | '.join(judged(seen, belief, least))} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.belief", description=__doc__)
    parser.add_argument("--frames", type=int, default=1200, help="of each side of the split")
    number, models = parser.parse_args().frames // len(KINDS), load_models(MODELS)
    learned, seen = (
        look_at(*make_frames(side, number), models) for side in ("train", "validation")
    )
    fitted = LogisticRegression(C=STIFFNESS, max_iter=1000).fit(learned.features, learned.face)
    print(f"{len(learned.face)} candidates, {learned.face.sum()} of them faces")
    print("weights", fitted.coef_[0].round(2).tolist(), "bias", fitted.intercept_.round(2).tolist())
    ways = {"of verify.py": seen.belief, "fitted": fitted.decision_function(seen.features)}
    print(as_markdown(seen, ways))


if __name__ == "__main__":
    run(main, timed=False)
