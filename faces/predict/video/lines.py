"""Videos and cameras -> a line for each frame, and a video of the answers."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Protocol

from PIL import Image

from faces.core.progress import progress_bar
from faces.data.photos import PhotoFault
from faces.detection.models import Models
from faces.detection.tracking import Tracker
from faces.drawing.overlay import drawn
from faces.predict import whole
from faces.predict.batch import answered
from faces.predict.video.camera import Camera
from faces.predict.video.file import VideoFile
from faces.predict.video.writer import Writer


class Follower(Protocol):
    """What answers for the frames of one video, one after the other."""

    def answer(self, photo: Image.Image, seconds: float) -> list[dict]:
        """The faces of the next frame, with the `track` of each."""


class Whole:
    """Takes each frame for the crop of one face, the same in all of them."""

    def __init__(self, models: Models):
        self.models = models

    def answer(self, photo: Image.Image, seconds: float) -> list[dict]:
        """The face of a frame, which is track 1."""
        return [{"track": 1, **face} for face in whole.answer(photo, self.models)]


WAYS: dict[str, Callable[[Models], Follower]] = {"face": Tracker, "none": Whole}  # of --crop


def answers(
    source: str | int, follower: Follower, overlay: Path | None, most: int | None
) -> Iterator[dict]:
    """A line for each frame: `path`, `frame` from 0, `seconds`, `error` (None), `faces`.

    A fault is a line of its own, the last one, with its reason in `error`.

    Args:
        source: path of a video, or the number of a camera.
        overlay: path of the annotated video, or None. most: frames to read, None for all.
    """
    live = isinstance(source, int)
    path = f"camera {source}" if live else source
    count = 0
    try:
        with (
            closing(Camera(source) if live else VideoFile(source)) as video,
            closing(Writer(overlay, video.time_base)) as writer,
            closing(islice_of(video.shots(), most)) as shots,
            closing(shots if live else ahead(shots)) as shots,
            progress_bar(desc=path, total=video.announced, unit="frame") as bar,
        ):
            for shot in shots:
                seconds = round(float(shot.seconds), 6)
                faces, fault = answered(follower.answer, shot.picture, seconds)
                if fault:
                    raise PhotoFault(fault)
                if overlay:
                    writer.write(drawn(shot.picture, faces, same_size=True), shot)
                yield line(path, count, seconds, faces)
                count += 1
                bar.update()
    except PhotoFault as fault:
        yield line(path, count, None, [], str(fault))


def line(
    path: str, frame: int, seconds: float | None, faces: list[dict], error: str | None = None
) -> dict:
    """What is said of a frame, or of what ended a video."""
    return {"path": path, "frame": frame, "seconds": seconds, "error": error, "faces": faces}


def islice_of(items: Iterator, most: int | None) -> Iterator:
    """The first `most` items, all of them if that is None; closed with what it is a part of."""
    with closing(items):
        yield from islice(items, most)


def ahead(items: Iterator) -> Iterator:
    """The items; while one is used, another thread makes the next."""
    with ThreadPoolExecutor(1) as reader:
        coming = reader.submit(next, items, None)
        while (item := coming.result()) is not None:
            coming = reader.submit(next, items, None)
            yield item
