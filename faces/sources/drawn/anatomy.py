"""The shape of a person's head in one view: its solids and its 15 true points."""

from dataclasses import dataclass

import numpy as np

from faces.sources.drawn.person import Person, View
from faces.sources.drawn.solid import Ellipsoid, union


@dataclass(frozen=True)
class Features:
    """Where the parts of a face lie in the head frame, expression included (face units)."""

    chin: float
    brow_inner: tuple[float, float]
    brow_outer: tuple[float, float]
    eye_open: float
    mouth_half: float
    mouth_y: float
    corner_y: float
    gap_top: float
    gap_bottom: float
    upper_lip: float
    lower_lip: float
    nose_tip: tuple[float, float, float]


def features(person: Person, view: View) -> Features:
    """Move the parts of a face as the expression of the view wants."""
    smile, gape, surprise = view.smile, view.mouth_open, view.surprise
    brow = person.brow_height - 0.28 * surprise
    half = person.mouth_width * (1 + 0.22 * max(smile, 0) - 0.22 * surprise * gape - 0.08 * gape)
    stretch = 1 - 0.25 * max(smile, 0)
    tip_z = 2.02 + person.nose_height * 0.8
    return Features(
        chin=person.chin + 0.55 * gape,
        brow_inner=(0.52, brow + 0.04 - 0.04 * surprise),
        brow_outer=(0.52 + person.brow_length, brow + 0.16),
        eye_open=person.eye_height
        * (1 - view.blink)
        * (1 + 0.3 * surprise)
        * (1 - 0.25 * max(smile, 0)),
        mouth_half=half,
        mouth_y=person.mouth_height - 0.05 * smile,
        corner_y=person.mouth_height - 0.05 - 0.2 * smile + 0.2 * gape,
        gap_top=0.1 * gape,
        gap_bottom=0.8 * gape,
        upper_lip=person.upper_lip * stretch,
        lower_lip=person.lower_lip * stretch,
        nose_tip=(0.0, person.nose_length, tip_z),
    )


def head_solids(person: Person, parts: Features) -> list[tuple[Ellipsoid, float]]:
    """Ellipsoids of skull, face, jaw, chin, mouth and nose, with the widths of their joints."""
    width, jaw = person.face_width, person.jaw_width
    tip_y, tip_z = parts.nose_tip[1:]
    wing = person.nose_width
    solids = [
        (((0, -0.75, -0.6), (width, 2.55, 2.6), 0.0), 0.5),
        (((0, 0.7, -0.1), (width * 0.96, 2.35, 2.1), 0.0), 0.8),
        (((0, parts.chin - 1.5, 0.0), (jaw, 1.42, 1.72), 0.0), 1.1),
        (((0, parts.chin - 0.52, 0.25), (person.chin_width, 0.52, 1.15), 0.0), 0.9),
        (((0, person.mouth_height - 0.05, 0.5), (0.95, 0.95, 1.38), 0.0), 0.8),
    ]
    for side in (-1, 1):
        solids.append(
            (((side * wing * 0.62, tip_y + 0.1, tip_z - 1.05), (wing * 0.5, 0.24, 0.86), 0.0), 0.3)
        )
    lean = np.arctan2(tip_z - 1.75, tip_y)
    solids.append(
        (
            ((0, tip_y * 0.5 - 0.05, 0.5 * (tip_z + 1.75) - 0.8), (0.3, tip_y * 0.8, 0.86), lean),
            0.35,
        )
    )
    solids.append((((0, tip_y - 0.02, tip_z - 0.95), (wing * 0.58, 0.3, 0.93), 0.0), 0.35))
    return solids


def true_points(person: Person, parts: Features, solids: list) -> np.ndarray:
    """(15, 3) points in the head frame, on the surface, in the order of labels.POINT_NAMES."""
    tilt, half = person.eye_tilt, person.eye_width
    eye = [(1.0, 0.0), (1 - half, tilt * half), (1 + half, -tilt * half)]
    brow = [parts.brow_inner, parts.brow_outer]
    left = np.array([*eye, *brow])
    right = left * [-1, 1]
    mouth = np.array(
        [
            [parts.mouth_half, parts.corner_y],
            [-parts.mouth_half, parts.corner_y],
            [0, parts.mouth_y - parts.gap_top - parts.upper_lip],
            [0, parts.mouth_y + parts.gap_bottom + parts.lower_lip],
        ]
    )
    flat = np.concatenate(
        [
            [left[0], right[0]],
            left[1:3],
            right[1:3],
            left[3:5],
            right[3:5],
            [parts.nose_tip[:2]],
            mouth,
        ]
    )
    z, _ = union(solids, np.eye(3), flat[:, 0].astype(np.float32), flat[:, 1].astype(np.float32))
    return np.column_stack([flat, z])
