"""Photos answered by a cluster's nodes: the same entries and pictures as `batch` gives."""

import io
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from faces.core import engine
from faces.core.files import replacing
from faces.detection.models import Models, load_models
from faces.drawing.overlay import drawn
from faces.predict import batch

FILES = ("keypoints.tflite", "gender.tflite", "gender.json", "alignment.json")
Read = tuple[str, bytes | None, str | None]  # a photo's path, its content, or why there is none


def entries(
    paths: list[str], folder: Path, crop: str, overlays: list[Path] | None = None
) -> Iterator[tuple[dict, str | None]]:
    """Yield what `batch.entries` does; this machine reads the photos and writes the pictures.

    Args:
        folder: of the models, which travel. crop: a key of `batch.WAYS`. overlays: where each
            photo is drawn.
    """
    there = tuple((n, (folder / n).read_bytes()) for n in FILES if (folder / n).is_file())
    shared = {"models": there, "crop": crop, "draws": bool(overlays)}
    photos = ((path, *batch.content_of(path)) for path in paths)
    answers = engine.in_order(answer, photos, "chunks of photos", shared=shared)
    for number, (entry, picture, undrawn) in enumerate(answers):
        if picture is not None:
            undrawn = saved(picture, overlays[number])
        elif undrawn:
            undrawn = f"{overlays[number]}: {undrawn}"
        yield entry, undrawn


def saved(picture: bytes, path: Path) -> str | None:
    """Write an overlay; why it could not be, or None."""
    try:
        with replacing(path) as unfinished:
            unfinished.write_bytes(picture)
    except Exception as error:  # a full disk, a folder in its place: others can be written
        return f"{path}: {error}"
    return None


def answer(
    read: Read, models: tuple[tuple[str, bytes], ...], crop: str, draws: bool
) -> tuple[dict, bytes | None, str | None]:
    """Answer for a photo, on a node.

    Returns:
        Its entry, the PNG of its overlay or None, and why that could not be drawn, or None.
    """
    path, content, fault = read
    photo = None
    if content is not None:
        photo, fault = batch.photo_of(content, path)
    faces, fault = batch.answered(batch.WAYS[crop], photo, loaded(models)) if photo else ([], fault)
    picture = undrawn = None
    if draws and fault is None:
        try:
            drawn(photo, faces).save(out := io.BytesIO(), "PNG")
            picture = out.getvalue()
        except Exception as error:  # as `batch.entry` has it
            undrawn = str(error)
    return {"path": path, "error": fault, "faces": faces}, picture, undrawn


@cache
def loaded(models: tuple[tuple[str, bytes], ...]) -> Models:
    """The models in these files, once for each process."""
    with tempfile.TemporaryDirectory() as folder:
        for name, content in models:
            (Path(folder) / name).write_bytes(content)
        return load_models(Path(folder))
