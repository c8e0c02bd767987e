"""Videos and cameras -> a line for each frame, and a video of the answers."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from itertools import islice
from pathlib import Path

from stages.faces.batch import answers_of
from stages.faces.camera import Camera
from stages.faces.models import Models
from stages.faces.shots import batches
from stages.faces.video_file import VideoFile
from stages.faces.video_writer import Writer
from stages.overlay import drawn
from stages.photos import PhotoFault
from stages.progress import progress_bar

TOGETHER = 8  # frames of a file that are answered at once; of a camera each as it comes


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
    live = isinstance(source, int)
    path = f"camera {source}" if live else source
    count = 0
    try:
        with (
            closing(Camera(source) if live else VideoFile(source)) as video,
            closing(Writer(overlay, video.time_base)) as writer,
            closing(batches(islice(video.shots(), most), 1 if live else TOGETHER)) as groups,
            closing(groups if live else ahead(groups)) as groups,
            progress_bar(desc=path, total=video.announced, unit="frame") as bar,
        ):
            for shots, fault in groups:
                kept = [prepare(s.picture, models) for s in shots]
                found = answers_of(kept, ask, models) if kept else []
                for shot, (faces, unanswered) in zip(shots, found, strict=True):
                    if unanswered:
                        raise PhotoFault(unanswered)
                    if overlay:
                        writer.write(drawn(shot.picture, faces, same_size=True), shot)
                    yield line(path, count, round(float(shot.seconds), 6), faces)
                    count += 1
                bar.update(len(shots))
                if fault:
                    raise fault
    except PhotoFault as fault:
        yield line(path, count, None, [], str(fault))


def line(
    path: str, frame: int, seconds: float | None, faces: list[dict], error: str | None = None
) -> dict:
    """What is said of a frame, or of what ended a video."""
    return {"path": path, "frame": frame, "seconds": seconds, "error": error, "faces": faces}


def ahead(items: Iterator) -> Iterator:
    """The items; while one is used, another thread makes the next."""
    with ThreadPoolExecutor(1) as reader:
        coming = reader.submit(next, items, None)
        while (item := coming.result()) is not None:
            coming = reader.submit(next, items, None)
            yield item
