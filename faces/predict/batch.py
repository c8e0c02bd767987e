"""Files of photos -> their entries in predict's JSON, and pictures of the answers."""

import json
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from PIL import Image

from faces.core.errors import UserError, plain
from faces.core.threads import cores
from faces.data.photos import PhotoFault, read_photo
from faces.detection import finding
from faces.detection.models import Models
from faces.drawing.overlay import draw
from faces.predict import inputs, whole

AHEAD = 3  # photos for each core that are begun before the first of them is answered
Ask = Callable[[Image.Image, Models], list[dict]]
WAYS: dict[str, Ask] = {"face": finding.answer, "none": whole.answer}  # of --crop


def entries(
    paths: list[str], models: Models, ask: Ask, overlays: list[Path] | None = None
) -> Iterator[tuple[dict, str | None]]:
    """An entry for each path, in their order, and why its overlay could not be drawn, or None.

    Each photo is read, answered and drawn by one of as many threads as there are cores; a few are
    held in memory at a time, however many there are.

    Args:
        ask: of WAYS. overlays: where each photo is drawn.

    Yields:
        {"path", "error" (None or words), "faces"}, and None or words.
    """

    def work(number: int) -> tuple[dict, str | None]:
        return entry(paths[number], models, ask, overlays[number] if overlays else None)

    with threads() as pool:
        begun: deque[Future] = deque()
        for number in range(len(paths)):
            begun.append(pool.submit(work, number))
            if len(begun) > AHEAD * cores():
                yield begun.popleft().result()
        while begun:
            yield begun.popleft().result()


@contextmanager
def threads() -> Iterator[ThreadPoolExecutor]:
    """A thread for each core. What has not begun when the block ends never does."""
    pool = ThreadPoolExecutor(cores())
    try:
        yield pool
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def entry(path: str, models: Models, ask: Ask, overlay: Path | None) -> tuple[dict, str | None]:
    """A photo's entry, and why its overlay could not be drawn, or None."""
    photo, fault = read(path)
    faces, fault = answered(ask, photo, models) if photo else ([], fault)
    undrawn = None
    if overlay and fault is None:
        try:
            draw(photo, faces, overlay)
        except Exception as error:  # a full disk, a folder in its place: others can be drawn
            undrawn = f"{overlay}: {error}"
    return {"path": path, "error": fault, "faces": faces}, undrawn


def read(path: str) -> tuple[Image.Image | None, str | None]:
    """The photo, or None and why it cannot be had."""
    content, fault = content_of(path)
    return (None, fault) if content is None else photo_of(content, path)


def content_of(path: str) -> tuple[bytes | None, str | None]:
    """The content of a photo's file, or None and why it cannot be had."""
    return or_fault(inputs.read_file, path)


def photo_of(content: bytes, path: str) -> tuple[Image.Image | None, str | None]:
    """The photo in a file's content, or None and why there is none."""
    return or_fault(lambda: read_photo(content, name=path))


def or_fault(function: Callable, *given):
    """What the function gives and None, or None and what went wrong."""
    try:
        return function(*given), None
    except PhotoFault as fault:
        return None, str(fault)
    except UserError:
        raise
    except Exception as error:
        return None, unforeseen(error)


def answered(ask: Callable[..., list[dict]], *given) -> tuple[list[dict], str | None]:
    """The faces of a photo or a frame and None, or none and what went wrong."""
    try:
        faces = ask(*given)
        json.dumps(faces, allow_nan=False)  # `ValueError`: no number, which no JSON can hold
        return faces, None
    except UserError:
        raise
    except Exception as error:
        return [], unforeseen(error)


def unforeseen(error: Exception) -> str:
    """What to say of an input that cannot be answered for, where it has no words of its own."""
    if isinstance(error, MemoryError):
        return "too large for the memory that is left"
    return plain(f"cannot be answered ({type(error).__name__}: {error})")
