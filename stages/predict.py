"""Photos, folders, videos or a camera -> the faces in them, with class and keypoints of each.

`python -m stages.predict PATH...`
"""

import argparse
import json
import os
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TextIO

from tqdm import tqdm

from stages import errors, files
from stages.errors import UserError
from stages.faces import sources
from stages.faces.batch import WAYS, answer_batch, draw_all
from stages.faces.models import Models, load_models

MODELS = Path("data/models")
BATCH = 32


def main() -> None:
    """Answer for everything named; exit status 1 if some could not be read, else 0."""
    arguments = parse(sys.argv[1:])
    paths = list(sources.expand(arguments.paths))
    videos = [path for path in paths if sources.is_video(path)]
    if arguments.camera is not None:
        videos.append(arguments.camera)
    if videos and set(paths) - set(videos):
        todo = "Run once for the photos and once for the videos."
        raise UserError("photos or videos", "both", todo)
    trained = load_models(MODELS)
    way = answer_videos if videos else answer_photos
    try:
        faults = way(videos or paths, trained, arguments)
    except OSError as error:
        todo = "Choose another place, or make room."
        raise UserError("an output that can be written", str(error), todo) from error
    if faults:
        sys.exit(1)


def parse(words: list[str]) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m stages.predict", description=__doc__)
    parser.add_argument(
        "paths", nargs="*", metavar="PATH", help="photo, folder of photos, glob, or video"
    )
    parser.add_argument("--camera", type=int, metavar="N", help="read camera N (0, 1, ...)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write there, not to stdout")
    parser.add_argument("--overlay", type=Path, metavar="DIR", help="draw the answers there")
    parser.add_argument(
        "--crop",
        choices=("face", "none"),
        default="face",
        help="find faces (default), or take each photo as the crop of one",
    )
    parser.add_argument("--frames", type=int, metavar="N", help="at most N frames of each video")
    arguments = parser.parse_args(words)
    if not arguments.paths and arguments.camera is None:
        parser.error("name photos, folders or videos, or a --camera")
    return arguments


def answer_photos(paths: list[str], models: Models, arguments: argparse.Namespace) -> int:
    """Answer for photos and write a JSON list; how many could not be read."""
    answers: list[dict] = []
    with (
        output(arguments.json) as out,  # first: a place that cannot be written is found now
        ThreadPoolExecutor(os.cpu_count()) as pool,
        tqdm(total=len(paths), desc="predict", unit="photo", disable=len(paths) < 2) as bar,
    ):
        for batch in sources.batches(paths, BATCH):
            entries = answer_batch(batch, models, arguments.crop, pool)
            if arguments.overlay:
                draw_all(entries, arguments.overlay, len(answers))
            answers += entries
            bar.update(len(batch))
        print(json.dumps(answers, indent=2, ensure_ascii=False), file=out)
    return sum(bool(entry["error"]) for entry in answers)


def answer_videos(videos: list, models: Models, arguments: argparse.Namespace) -> int:
    """Answer for videos and cameras, a JSON line for each frame; how many could not be read.

    Lines are written as they come, so that a camera can be followed on stdout. Ctrl-C ends a
    camera; what was answered until then is kept.
    """
    from stages.faces import video

    faults = 0
    with output(arguments.json) as out:
        for number, source in enumerate(videos):
            drawn = arguments.overlay and arguments.overlay / video.file_name(source, number)
            way, most = WAYS[arguments.crop], arguments.frames
            with closing(video.answers(source, models, way, drawn, most)) as lines:
                try:
                    for line in lines:
                        print(json.dumps(line, ensure_ascii=False), file=out, flush=True)
                        faults += bool(line["error"])
                except KeyboardInterrupt:
                    if not isinstance(source, int):
                        raise
    return faults


@contextmanager
def output(path: Path | None) -> Iterator[TextIO]:
    """Where the answer is written: a file, which gets its name when it is whole, or stdout."""
    if path is None:
        yield sys.stdout
        return
    with files.replacing(path) as unfinished, unfinished.open("w", encoding="utf-8") as out:
        yield out


if __name__ == "__main__":
    errors.run(main)
