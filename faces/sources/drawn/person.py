"""Who is drawn, and how they look at the camera: random people and random views of them.

Lengths are in face units: one unit is half the distance between the eye centres. The head frame
has its origin between the eyes, x to the right of the picture, y down, z towards the viewer.
"""

from dataclasses import dataclass

import numpy as np

SKIN = (
    np.array(
        [
            [255, 226, 206],
            [247, 206, 178],
            [232, 184, 146],
            [214, 160, 116],
            [184, 126, 82],
            [146, 94, 60],
            [108, 68, 46],
            [76, 48, 36],
        ]
    )
    / 255.0
)
HAIR = (
    np.array(
        [
            [24, 20, 20],
            [44, 30, 24],
            [78, 50, 32],
            [112, 74, 42],
            [168, 118, 66],
            [214, 176, 112],
            [150, 66, 34],
            [176, 172, 168],
        ]
    )
    / 255.0
)
IRIS = np.array([[58, 36, 22], [92, 62, 34], [84, 98, 62], [82, 122, 152], [104, 112, 118]]) / 255.0
HAIR_OF_LIGHT = (3, 4, 4, 3, 2, 2, 1, 0.3)  # how often each hair colour goes with the skin
HAIR_OF_DARK = (9, 4, 2, 0.4, 0.2, 0.2, 0.1, 0.3)
CLOTHES = {True: (0.4, 0.3, 0.1, 0.2), False: (0.5, 0.08, 0.27, 0.15)}  # by male
BEARDS = ("stubble", "moustache", "goatee", "full")


@dataclass(frozen=True)
class Person:
    """Describe what stays the same from frame to frame. Shares and amounts are within 0 to 1."""

    face_width: float
    chin: float
    jaw_width: float
    chin_width: float
    cheek: float
    brow_ridge: float
    brow_height: float
    brow_thickness: float
    brow_arch: float
    brow_length: float
    eye_height: float
    eye_width: float
    eye_tilt: float
    nose_length: float
    nose_width: float
    nose_height: float
    mouth_height: float
    mouth_width: float
    upper_lip: float
    lower_lip: float
    lipstick: float
    eye_makeup: float
    blush: float
    age: float
    freckles: float
    skin: np.ndarray
    hair: np.ndarray
    brow_colour: np.ndarray
    iris: np.ndarray
    hair_length: float
    hair_volume: float
    hairline: float
    parting: float
    fringe: float
    curl: float
    beard: str
    beard_density: float
    ear_size: float
    earrings: float
    glasses: str
    glasses_size: float
    glasses_round: float
    glasses_colour: np.ndarray
    cover: str
    cloth: np.ndarray
    cloth_kind: int
    cover_colour: np.ndarray
    texture: int


@dataclass(frozen=True)
class View:
    """One frame: angles in degrees, place and scale as shares of the frame's width."""

    yaw: float
    pitch: float
    roll: float
    unit: float
    centre_x: float
    centre_y: float
    smile: float
    mouth_open: float
    surprise: float
    blink: float
    gaze_x: float
    gaze_y: float
    light: np.ndarray
    ambient: float
    tint: np.ndarray
    occluder: str
    texture: int


def random_person(rng: np.random.Generator, sex: str | None = None) -> Person:
    """Draw a person of the sex "Male" or "Female" (None: either). The sexes overlap throughout."""
    male = rng.random() < 0.5 if sex is None else sex == "Male"
    # Some people are typical of their sex, some hardly: a few cannot be told.
    side = float(np.clip(rng.normal(1.5, 0.55), -0.2, 2.5)) * (1.0 if male else -1.0)

    def trait(mean: float, spread: float, tilt: float = 0.0, low: float = -9, high: float = 9):
        return float(np.clip(mean + tilt * side + spread * rng.standard_normal(), low, high))

    age = float(rng.beta(1.6, 2.2))
    return Person(
        face_width=trait(2.02, 0.11, 0.04),
        chin=trait(3.5, 0.17, 0.07),
        jaw_width=trait(1.5, 0.14, 0.085, 1.0, 2.0),
        chin_width=trait(0.62, 0.12, 0.07, 0.3, 1.0),
        cheek=trait(0.5, 0.2, -0.1, 0, 1),
        brow_ridge=trait(0.4, 0.2, 0.12, 0, 1),
        brow_height=trait(-0.66, 0.09, 0.05),
        brow_thickness=trait(0.135, 0.035, 0.024, 0.04, 0.3),
        brow_arch=trait(0.13, 0.06, -0.03, -0.05, 0.35),
        brow_length=trait(1.22, 0.07),
        eye_height=trait(0.275, 0.045, -0.018, 0.13, 0.4),
        eye_width=trait(0.49, 0.035, -0.01),
        eye_tilt=trait(0.05, 0.08, -0.02),
        nose_length=trait(1.2, 0.10, 0.02),
        nose_width=trait(0.47, 0.07, 0.035, 0.3, 0.75),
        nose_height=trait(0.62, 0.10, 0.03, 0.3, 0.95),
        mouth_height=trait(2.18, 0.10, 0.03),
        mouth_width=trait(0.86, 0.08, 0.01),
        upper_lip=trait(0.15, 0.05, -0.022, 0.05, 0.33),
        lower_lip=trait(0.21, 0.05, -0.026, 0.08, 0.4),
        lipstick=trait(0.2, 0.3, -0.22, 0, 1),
        eye_makeup=trait(0.15, 0.3, -0.2, 0, 1),
        blush=trait(0.3, 0.25, -0.1, 0, 1),
        age=age,
        freckles=float(max(0.0, rng.normal(-0.5, 0.6))),
        **_colours(rng, age, side),
        **_hair(rng, trait, age, male),
        **_worn(rng, trait, male),
        texture=int(rng.integers(2**31)),
    )


def _colours(rng: np.random.Generator, age: float, side: float) -> dict:
    """Skin from light to dark, hair and iris that go with it but need not."""
    tone = rng.uniform(0, len(SKIN) - 1.001)
    low = int(tone)
    skin = SKIN[low] + (tone - low) * (SKIN[low + 1] - SKIN[low])
    skin = 0.88 * skin + 0.12 * skin.mean()  # less orange than paint
    skin = np.clip(skin + rng.normal(0, [0.012, 0.015, 0.02]) - 0.01 * side, 0.05, 1)
    often = np.array(HAIR_OF_LIGHT if tone < 3.5 else HAIR_OF_DARK)
    hair = HAIR[rng.choice(len(HAIR), p=often / often.sum())]
    natural = hair * rng.uniform(0.75, 1.2)
    gray = np.clip((age - 0.55) * 2.6 + rng.normal(0, 0.25), 0, 1) * (age > 0.45)
    hair = natural * (1 - gray) + gray * np.array([0.76, 0.75, 0.73])
    dark = tone > 3 or rng.random() < 0.5
    iris = IRIS[rng.integers(2) if dark else rng.integers(len(IRIS))]
    brow = np.clip(hair * rng.uniform(0.5, 0.9), 0.04, 1)
    return {"skin": skin, "hair": np.clip(hair, 0.04, 0.95), "brow_colour": brow, "iris": iris}


def _hair(rng: np.random.Generator, trait, age: float, male: bool) -> dict:
    """Hair on the head and on the chin. Length 0 is cropped, 1 reaches over the shoulders."""
    length = trait(0.42, 0.30, -0.21, 0, 1.15)
    bald = male and rng.random() < 0.08 + 0.35 * age
    hairline = trait(0.0, 0.12, 0.05) + (rng.uniform(0.4, 1.6) if bald else 0.0)
    bearded = rng.random() < (0.56 if male else 0.02)
    return {
        "hair_length": min(length, 0.15) if bald else length,
        "hair_volume": trait(0.24 + 0.12 * length, 0.12, -0.02, 0.05, 0.75),
        "hairline": hairline,
        "parting": float(rng.normal(0, 0.7)),
        "fringe": float(rng.uniform(0.2, 1)) if rng.random() < (0.15 if male else 0.3) else 0.0,
        "curl": float(rng.beta(0.7, 1.6)),
        "beard": BEARDS[rng.choice(4, p=[0.34, 0.16, 0.2, 0.3])] if bearded else "none",
        "beard_density": float(rng.uniform(0.35, 1.0)),
    }


def _worn(rng: np.random.Generator, trait, male: bool) -> dict:
    """Glasses, ear-rings, hats and scarves, clothes."""
    cover, scarf_from = rng.random(), 0.995 if male else 0.965
    frame = rng.uniform(0.03, 0.3) * np.ones(3) if rng.random() < 0.7 else rng.uniform(0.1, 0.8, 3)
    return {
        "ear_size": trait(0.62, 0.07, 0.02),
        "earrings": float(rng.uniform(0.4, 1)) if rng.random() < (0.06 if male else 0.35) else 0.0,
        "glasses": ["none", "clear", "dark"][rng.choice(3, p=[0.75, 0.22, 0.03])],
        "glasses_size": float(rng.normal(0.68, 0.07)),
        "glasses_round": float(rng.uniform(2, 5)),
        "glasses_colour": frame,
        "cover": "hat" if cover < 0.015 else "scarf" if cover > scarf_from else "none",
        "cloth": np.clip(rng.uniform(0.05, 0.9) + rng.normal(0, 0.15, 3), 0.03, 0.97),
        "cloth_kind": int(rng.choice(4, p=CLOTHES[male])),
        "cover_colour": np.clip(rng.uniform(0.05, 0.75) + rng.normal(0, 0.09, 3), 0.03, 0.97),
    }


def random_view(
    rng: np.random.Generator, unit: float = 0.172, centre_y: float = 0.386, turn: float = 1.0
) -> View:
    """Draw a pose, an expression and a light. `turn` scales the spread of the pose."""
    mood = rng.choice(4, p=[0.4, 0.3, 0.2, 0.1])
    smile = [rng.normal(0, 0.15), rng.uniform(0.3, 1), rng.normal(0.05, 0.25), -0.1][mood]
    mouth_open = [
        rng.uniform(0, 0.06),
        rng.choice([0, 1]) * rng.uniform(0.1, 0.4),
        rng.uniform(0.1, 0.5),
        rng.uniform(0.3, 0.9),
    ][mood]
    azimuth, height = rng.normal(0, 0.8), rng.normal(0.55, 0.35)
    light = np.array(
        [np.sin(azimuth) * np.cos(height), -np.sin(height), np.cos(azimuth) * np.cos(height)]
    )
    warm = rng.normal(0, 0.05)
    wide = rng.random() < 0.2
    return View(
        yaw=float(np.clip(turn * rng.normal(0, 24 if wide else 13), -48, 48)),
        pitch=float(np.clip(turn * rng.normal(0, 8), -22, 22)),
        roll=float(np.clip(turn * rng.normal(0, 7.5), -28, 28)),
        unit=float(unit * np.exp(rng.normal(0, 0.055))),
        centre_x=float(0.5 + turn * rng.normal(0, 0.021)),
        centre_y=float(centre_y + turn * rng.normal(0, 0.026)),
        smile=float(smile),
        mouth_open=float(mouth_open),
        surprise=float(rng.uniform(0.5, 1) if mood == 3 else max(0.0, rng.normal(0, 0.12))),
        blink=float(1.0 if rng.random() < 0.06 else np.clip(rng.normal(0.05, 0.2), 0, 0.7)),
        gaze_x=float(np.clip(rng.normal(0, 0.4), -1, 1)),
        gaze_y=float(np.clip(rng.normal(0.05, 0.25), -0.6, 0.6)),
        light=light,
        ambient=float(rng.uniform(0.4, 0.8)),
        tint=np.array([1 + warm, 1.0, 1 - warm]),
        occluder=["none", "microphone", "hand"][rng.choice(3, p=[0.95, 0.03, 0.02])],
        texture=int(rng.integers(2**31)),
    )
