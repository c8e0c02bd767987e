"""Frames of a video file or a camera, and a video of the answers, through OpenCV."""

import os
from collections.abc import Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path

# Before OpenCV is loaded: what goes wrong is said in our words, not in FFmpeg's.
os.environ.setdefault("OPENCV_LOG_LEVEL", "SILENT")
os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")

import cv2
import numpy as np
from PIL import Image
from tqdm import tqdm

from stages.faces.models import Models
from stages.overlay import drawn
from stages.photos import PhotoFault

TOGETHER = 8  # frames of a file that are answered at once; of a camera each as it comes
RATE = 25.0  # frames a second, where the source does not say
MISSING = 0.02  # share of the frames announced that may be missing: containers round


def answers(
    source: str | int, models: Models, way: tuple, overlay: Path | None, most: int | None
) -> Iterator[dict]:
    """A line for each frame: `path`, `frame` from 0, `seconds`, `error` (None), `faces`.

    A fault is a line of its own, the last one, with its reason in `error`.

    Args:
        source: path of a video, or the number of a camera.
        way: what is kept of a frame, and what answers for several: as predict's WAYS.
        overlay: path of the annotated video, or None. most: frames to read, None for all.
    """
    prepare, ask = way
    path = f"camera {source}" if isinstance(source, int) else source
    count = 0
    try:
        with closing(Capture(source)) as capture, closing(Writer(overlay, capture.rate)) as writer:
            bar = tqdm(capture.frames(most), path, capture.announced, unit="frame")
            while batch := list(islice(bar, 1 if isinstance(source, int) else TOGETHER)):
                found = ask([prepare(picture, models) for picture in batch], models)
                for picture, faces in zip(batch, found, strict=True):
                    if overlay:
                        writer.write(drawn(picture, faces, same_size=True))
                    seconds = round(count / capture.rate, 3)
                    yield {
                        "path": path,
                        "frame": count,
                        "seconds": seconds,
                        "error": None,
                        "faces": faces,
                    }
                    count += 1
    except PhotoFault as fault:
        yield {"path": path, "frame": count, "seconds": None, "error": str(fault), "faces": []}


def file_name(source: str | int, number: int) -> str:
    """Name of the annotated video; numbered, since names may stand twice."""
    stem = f"camera{source}" if isinstance(source, int) else Path(source).stem
    return f"{number:04d}-{stem}.mp4"


class Capture:
    """A video file or a camera, open.

    Attributes:
        rate: frames a second. announced: frames, or None where that is not known.

    Raises:
        PhotoFault: it cannot be opened.
    """

    def __init__(self, source: str | int):
        self.capture = open_capture(source)
        rate = self.capture.get(cv2.CAP_PROP_FPS)
        self.rate = rate if 1 <= rate <= 240 else RATE
        count = self.capture.get(cv2.CAP_PROP_FRAME_COUNT)
        self.announced = int(count) if 0 < count < 1e9 else None

    def frames(self, most: int | None) -> Iterator[Image.Image]:
        """Each frame, RGB and upright; at most so many.

        Raises:
            PhotoFault: there are none, or fewer than announced; after those that are there.
        """
        count = 0
        while most is None or count < most:
            there, frame = self.capture.read()
            if not there:
                break
            yield Image.fromarray(np.ascontiguousarray(frame[..., ::-1]))
            count += 1
        if count == 0 and most != 0:
            raise PhotoFault("no frame could be read")
        if self.announced and count != most and count < self.announced * (1 - MISSING) - 1:
            raise PhotoFault(f"cut short: {count} of {self.announced} frames could be read")

    def close(self) -> None:
        self.capture.release()


def open_capture(source: str | int) -> cv2.VideoCapture:
    """The video or camera, open; a `PhotoFault` in words if it cannot be opened."""
    if isinstance(source, str):
        path = Path(source)
        if not path.is_file():
            raise PhotoFault("no such file")
        if path.stat().st_size == 0:
            raise PhotoFault("empty file")
    capture = cv2.VideoCapture(source)
    if not capture.isOpened():
        capture.release()
        camera = f"no camera {source} that can be opened"
        raise PhotoFault(camera if isinstance(source, int) else "not a video, or cut short")
    return capture


class Writer:
    """An MP4 of pictures of one size; without a path, or a picture, nothing is written.

    It gets its name when it is closed, so that a name never holds half a video.
    """

    def __init__(self, path: Path | None, rate: float):
        self.path, self.rate, self.writer = path, rate, None
        self.unfinished = path and path.with_name(f".{path.stem}.unfinished{path.suffix}")

    def write(self, picture: Image.Image) -> None:
        """Add a frame.

        Raises:
            OSError: the file cannot be written.
        """
        even = picture.crop((0, 0, picture.width // 2 * 2, picture.height // 2 * 2))
        if self.writer is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            code = cv2.VideoWriter_fourcc(*"mp4v")
            self.writer = cv2.VideoWriter(str(self.unfinished), code, self.rate, even.size)
            if not self.writer.isOpened():
                raise OSError(f"{self.path} cannot be written")
        self.writer.write(np.ascontiguousarray(np.asarray(even)[..., ::-1]))

    def close(self) -> None:
        """Finish the video, also when it ends early."""
        if self.writer is not None:
            self.writer.release()
            self.unfinished.replace(self.path)
