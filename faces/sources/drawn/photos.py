"""`face-detection.zip` as a photo data set comes: folders of drawn photos, and its faults."""

import io
from dataclasses import replace

import numpy as np
from PIL import Image

from faces.core.processes import spread
from faces.sources.drawn.camera import compress, photograph
from faces.sources.drawn.face import draw_face
from faces.sources.drawn.faults import litter, unusual_encodings
from faces.sources.drawn.person import Person, View, random_person, random_view
from faces.sources.drawn.settings import CLASSES
from faces.sources.drawn.zipping import zipped

PHOTO, REPEATS = 11, 12
SMALLEST, LARGEST = 60, 400  # pixels of a photo's longer side
DRAWN = 224  # pixels; larger photos are drawn at this size and enlarged, as crawled ones are
UNUSUAL = 7
REPEAT_SHARE = 0.006

Job = tuple[int, str, str, int]  # seed, label, class, number


def sitter(label: str, name: str, rng: np.random.Generator) -> tuple[Person, View]:
    """A random person and view that belong to class `name` of `label`."""
    person = random_person(rng, name if label == "gender" else None)
    view = random_view(rng, unit=0.2, centre_y=0.42, turn=0.9)
    if label == "glasses":
        worn = "none" if name == "none" else "dark" if rng.random() < 0.15 else "clear"
        person = replace(person, glasses=worn)
    if label == "expression":
        smile, gape, surprise = {
            "neutral": (rng.normal(0, 0.12), rng.uniform(0, 0.08), 0.0),
            "smile": (rng.uniform(0.35, 1), rng.choice([0, 1]) * rng.uniform(0.1, 0.4), 0.0),
            "surprise": (rng.normal(0, 0.1), rng.uniform(0.35, 1), rng.uniform(0.4, 1)),
        }[name]
        view = replace(view, smile=float(smile), mouth_open=float(gape), surprise=float(surprise))
    return person, view


def photo_size(rng: np.random.Generator) -> tuple[int, int]:
    """Width and height in pixels: upright portraits mostly, the longer side 60 to 400."""
    long = int(np.clip(170 * np.exp(rng.normal(0, 0.45)), SMALLEST, LARGEST))
    aspect = float(np.clip(rng.normal(0.84, 0.08), 0.68, 1.1))
    return (round(long * aspect), long) if aspect <= 1 else (long, round(long / aspect))


def draw_photo(job: Job) -> Image.Image:
    """One RGB photo of a class, reproducible from its job alone."""
    seed, label, name, number = job
    stream = CLASSES[label].index(name)
    rng = np.random.default_rng([seed, PHOTO, stream, number])
    person, view = sitter(label, name, rng)
    width, height = photo_size(rng)
    scale = min(1.0, DRAWN / max(width, height))
    picture, _ = draw_face(person, view, round(width * scale), round(height * scale))
    kind = rng.random()
    if kind < 0.07:  # black and white, some of it sepia
        gray = picture @ np.array([0.299, 0.587, 0.114], np.float32)
        picture = gray[..., None] * (np.array([1.0, 0.9, 0.72]) if kind < 0.02 else np.ones(3))
    return photograph(picture, (width, height), rng, rough=0.6)


def draw_jpeg(job: Job) -> bytes:
    """The same photo as the bytes of a JPEG file."""
    seed, label, name, number = job
    rng = np.random.default_rng([seed, PHOTO, CLASSES[label].index(name), number, 1])
    return compress(draw_photo(job), int(rng.integers(45, 96)))


def repeats(
    photos: dict[str, bytes], classes: tuple[str, ...], rng: np.random.Generator
) -> dict[str, bytes]:
    """Copies to the byte, near copies (another size and quality), one photo in two folders."""
    again: dict[str, bytes] = {}
    for name in classes:
        own = [path for path in photos if path.split("/")[1] == name]
        chosen = rng.choice(len(own), 2 * max(1, round(REPEAT_SHARE * len(own))), replace=False)
        for i, index in enumerate(chosen):
            folder, file = own[index].rsplit("/", 1)
            if i % 2:
                again[f"{folder}/copy_of_{file}"] = photos[own[index]]
                continue
            image = Image.open(io.BytesIO(photos[own[index]]))
            smaller = image.resize((int(image.width * 0.9), int(image.height * 0.9)))
            again[f"{folder}/again_{file}"] = compress(smaller, 70)
    doubtful = next(iter(photos))
    again[f"faces/{classes[-1]}/also_{doubtful.rsplit('/', 1)[1]}"] = photos[doubtful]
    return again


def photos_archive(
    settings: dict, seed: int, progress: bool = True, processes: int | None = None
) -> bytes:
    """The bytes of `face-detection.zip`: faces/CLASS/face_N.jpg, odd encodings and faults."""
    label, count = settings["label"], settings["photos"]
    classes = CLASSES[label]
    jobs = [(seed, label, classes[i % len(classes)], i) for i in range(count)]
    names = [f"faces/{name}/face_{i // len(classes)}.jpg" for _, _, name, i in jobs]
    drawn = spread(draw_jpeg, jobs, "Drawing photos", progress, processes)
    photos = dict(zip(names, drawn, strict=True))
    rng = np.random.default_rng([seed, REPEATS])
    again = repeats(photos, classes, rng)
    jobs = [(seed, label, classes[i % len(classes)], count + i) for i in range(UNUSUAL)]
    odd = unusual_encodings([(job[2], draw_photo(job)) for job in jobs])
    bad = litter(classes, next(iter(photos.values())))
    return zipped({**photos, **again, **odd, **bad}, squeeze=False)
