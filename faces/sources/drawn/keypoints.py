"""`facial-keypoints-detection.zip` as Kaggle gives it, with drawn faces in it."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from faces.core.processes import spread
from faces.keypoints.points import COLUMNS
from faces.sources.drawn.annotators import FOUR, mark, with_holes
from faces.sources.drawn.camera import gray_frame
from faces.sources.drawn.face import draw_face
from faces.sources.drawn.person import random_person, random_view
from faces.sources.drawn.zipping import zipped, zipped_lines

SIDE = 96
DRAWN = 112  # pixels; drawn a little larger, then shrunk, edges look like a camera's
FOUR_COLUMNS = tuple(f"{name}_{axis}" for name in FOUR for axis in "xy")
FIFTEEN_SHARE = 0.33
COPIES, HOLES, SWAPS = 0.04, 0.015, 0.005
FRAMES = (0.6, 0.25, 0.15)  # shares of people with one, two, three frames
# Streams of random numbers: no person of one is a person of another.
TRAIN, TEST, PLAN, MARKS, LOOKUP = range(1, 6)
DIGITS = np.array([str(value) for value in range(256)], dtype=object)


@dataclass(frozen=True)
class Row:
    """One row of training.csv: whose picture, whose labels (another face's if wrong), holes."""

    picture: int
    labels: int
    marking: int  # rows of one picture with equal markings have equal labels
    group: str
    holes: bool


def frames_of_people(n: int, stream: int, rng: np.random.Generator) -> list[tuple[int, int, int]]:
    """n shuffled (stream, person, frame); most people have one frame, some two or three."""
    frames: list[tuple[int, int, int]] = []
    person = 0
    while len(frames) < n:
        count = 1 + int(rng.choice(3, p=FRAMES))
        frames += [(stream, person, frame) for frame in range(count)]
        person += 1
    return [frames[i] for i in rng.permutation(n)]


def draw_frame(job: tuple[int, int, int, int]) -> tuple[np.ndarray, np.ndarray]:
    """(seed, stream, person, frame) -> (96, 96) uint8 picture, true points (15, 2) in pixels."""
    person = random_person(np.random.default_rng(job[:3]))
    rng = np.random.default_rng(job)
    picture, points = draw_face(person, random_view(rng), DRAWN, DRAWN)
    return gray_frame(picture, rng, SIDE), (points + 0.5) * SIDE / DRAWN - 0.5


def plan_rows(n: int, rng: np.random.Generator) -> list[Row]:
    """Which picture and labels each training row gets; `picture` counts distinct faces from 0."""
    fifteen = round(FIFTEEN_SHARE * n)
    groups = ["A"] * fifteen + ["B"] * (n - fifteen)
    special = rng.permutation(np.setdiff1d(np.arange(n), [0, 1, fifteen, fifteen + 1]))
    counts = [max(1, round(share * n)) for share in (COPIES, HOLES, SWAPS)]
    parts = np.split(special, np.cumsum(counts))[:3]
    copies, holed, swapped = (set(part.tolist()) for part in parts)
    rows: list[Row] = []
    fresh = 0
    for i, group in enumerate(groups):
        start = 0 if group == "A" else fifteen
        if i in copies:
            source = rows[int(rng.integers(start, i))]
            marking = source.marking if rng.random() < 0.5 else i
            rows.append(Row(source.picture, source.labels, marking, group, source.holes))
            continue
        labels = rows[int(rng.integers(start, i))].labels if i in swapped else fresh
        rows.append(Row(fresh, labels, i, group, i in holed))
        fresh += 1
    return rows


def _labels(row: Row, truths: list[np.ndarray], seed: int) -> np.ndarray:
    """(15, 2) labels of a row, nan where empty."""
    rng = np.random.default_rng([seed, MARKS, row.marking])
    labels = mark(truths[row.labels], row.group, rng)
    return with_holes(labels, rng) if row.holes else labels


def _pixels(picture: np.ndarray) -> str:
    return " ".join(DIGITS[picture.ravel()])


def training_lines(rows: list[Row], faces: list, seed: int) -> Iterator[str]:
    """Lines of training.csv: 30 coordinates, empty where unknown, and the picture."""
    yield ",".join([*COLUMNS, "Image"])
    truths = [points for _, points in faces]
    for row in rows:
        cells = ["" if np.isnan(v) else f"{v:.6f}" for v in _labels(row, truths, seed).ravel()]
        yield ",".join([*cells, _pixels(faces[row.picture][0])])


def asked_values(n: int, rng: np.random.Generator) -> list[tuple[int, str]]:
    """(ImageId, FeatureName) in order: all 30 for the first third (a few fewer), then 8."""
    asked = []
    for image in range(1, n + 1):
        names = COLUMNS if image <= round(FIFTEEN_SHARE * n) else FOUR_COLUMNS
        if names is COLUMNS and rng.random() < 0.05:
            gone = 2 * int(rng.integers(2, 10))  # eye corners and brow ends
            names = COLUMNS[:gone] + COLUMNS[gone + 2 :]
        asked += [(image, name) for name in names]
    return asked


def keypoints_archive(
    settings: dict, seed: int, progress: bool = True, processes: int | None = None
) -> bytes:
    """The bytes of `facial-keypoints-detection.zip`; nothing in it tells the test points."""
    rng = np.random.default_rng([seed, PLAN])
    rows = plan_rows(settings["train_rows"], rng)
    distinct = 1 + max(row.picture for row in rows)
    frames = frames_of_people(distinct, TRAIN, rng)
    frames += frames_of_people(settings["test_images"], TEST, rng)
    jobs = [(seed, *frame) for frame in frames]
    faces = spread(draw_frame, jobs, "Drawing keypoint faces", progress, processes)
    asked = asked_values(settings["test_images"], np.random.default_rng([seed, LOOKUP]))
    lookup = [f"{i},{image},{name}," for i, (image, name) in enumerate(asked, 1)]
    test = [f"{i},{_pixels(picture)}" for i, (picture, _) in enumerate(faces[distinct:], 1)]
    answers = [f"{i},0" for i in range(1, len(asked) + 1)]
    inner = {
        "training.zip": zipped_lines("training.csv", training_lines(rows, faces, seed)),
        "test.zip": zipped_lines("test.csv", ["ImageId,Image", *test]),
        "IdLookupTable.csv": _text(["RowId,ImageId,FeatureName,Location", *lookup]),
        "SampleSubmission.csv": _text(["RowId,Location", *answers]),
    }
    return zipped(inner)


def _text(lines: list[str]) -> bytes:
    return ("\n".join(lines) + "\n").encode()
