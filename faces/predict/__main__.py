"""Photos, folders, videos or a camera -> the faces in them, with class and keypoints of each.

`python -m faces.predict PATH...`
"""

import argparse
import os
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from signal import SIGINT

from faces.core import command, engine, errors, running
from faces.core.errors import UserError
from faces.core.paths import MODELS
from faces.core.progress import progress_bar
from faces.core.stopping import Stopping
from faces.data.photos import formats
from faces.detection.models import Models, load_models
from faces.drawing import overlay
from faces.predict import batch, on_cluster
from faces.predict import inputs as asked
from faces.predict.output import Output, output
from faces.rules import kinds


def main() -> None:
    """Answer for everything named; exit status 1 if some could not be read or drawn, else 0."""
    arguments = parse(sys.argv[1:])
    photos, videos = inputs(arguments)
    engine.choose(arguments.engine)
    if videos and engine.away():
        raise UserError("photos with --engine", f"{videos[0]}, a video", "Leave it out for videos.")
    if arguments.overlay:
        check_overlays(photos, videos, arguments.overlay)
    if arguments.json:
        check_json(photos + videos, arguments.json)
    trained, stopping = load_models(models_folder()), Stopping()
    with (
        stopping.heard(),
        # Before the first answer: a place that cannot be written is found now.
        output(arguments.json, as_list=not videos, stopping=stopping) as out,
    ):
        if videos:
            faults = answer_videos(videos, trained, arguments, out)
        else:
            faults = answer_photos(photos, trained, arguments, out)
    if faults:
        sys.exit(1)


def parse(words: list[str]) -> argparse.Namespace:
    """The command line."""
    parser = command.Parser(prog="python -m faces.predict", description=__doc__)
    parser.add_argument(
        "paths", nargs="*", metavar="PATH", help="photo, folder of photos, glob, or video"
    )
    camera = {"type": command.whole_number(0), "metavar": "N"}
    parser.add_argument("--camera", help="read camera N (0, 1, ...)", **camera)
    place = {"type": command.place}
    parser.add_argument("--json", metavar="FILE", help="write there, not to stdout (-)", **place)
    parser.add_argument("--overlay", metavar="DIR", help="draw the answers there", **place)
    parser.add_argument(
        "--crop",
        choices=("face", "none"),
        default="face",
        help="find faces (default), or take each photo as the crop of one",
    )
    frames = {"type": command.whole_number(1), "metavar": "N"}
    parser.add_argument("--frames", help="at most N frames of each video", **frames)
    where = {"metavar": "HOST:PORT", "type": of_cluster, "default": engine.LOCAL}
    parser.add_argument("--engine", help="have a Ray cluster's nodes answer for photos", **where)
    arguments = parser.read(words)
    if not arguments.paths and arguments.camera is None:
        parser.error("name photos, folders or videos, or a --camera")
    if arguments.overlay == Path("-"):
        parser.error("--overlay is a folder, for a picture of each photo; stdout takes none")
    if arguments.json == Path("-"):
        arguments.json = None
    return arguments


def of_cluster(word: str) -> str:
    """Reads where work is done, as `engine` in params.yaml says it."""
    if expected := kinds.engine(word):
        raise argparse.ArgumentTypeError(f"{expected}, not {word!r}")
    return word


def inputs(arguments: argparse.Namespace) -> tuple[list[str], list]:
    """What to read: photos or else videos, paths and the number of a camera.

    What is not there is told by its entry, among those of whatever else was named.

    Raises:
        UserError: photos and videos: one answer is a list, the other a line for each frame.
    """
    paths = list(asked.expand(arguments.paths))
    cameras = [] if arguments.camera is None else [arguments.camera]
    there = {path: asked.is_video(path) for path in paths if os.path.lexists(path)}
    if cameras or any(there.values()):
        photo = next((path for path, is_video in there.items() if not is_video), None)
        if photo is not None:
            video = next((path for path, is_video in there.items() if is_video), "a camera")
            todo = "Run once for the photos and once for the videos."
            raise UserError("photos or videos", f"both, such as {photo} and {video}", todo)
        return [], paths + cameras
    if paths and all(map(asked.is_video, paths)):
        return [], paths
    return paths, []


def models_folder() -> Path:
    """Where the trained models are: in this folder, or else in the repository of this file."""
    own = Path(__file__).resolve().parents[2] / MODELS
    return own if own.is_dir() and not MODELS.is_dir() else MODELS


def check_json(named: list, path: Path) -> None:
    """Raise a `UserError` if the answers would be written over a photo or a video.

    Who takes `--json` for a switch names a photo next.
    """
    read = {os.path.realpath(one) for one in named if isinstance(one, str)}
    media = formats.is_video(str(path)) or formats.is_picture(str(path))
    if media or (path.is_file() and os.path.realpath(path) in read):
        todo = "Write --json answers.json, or nothing for stdout."
        raise UserError("a file for the answers after --json", str(path), todo)


def overlays(photos: list[str], videos: list, folder: Path) -> list[Path]:
    """Where the answers for each photo, video or camera are drawn, in their order."""
    suffix = ".mp4" if videos else ".png"
    names = [f"camera{one}" if isinstance(one, int) else one for one in photos + videos]
    return [overlay.path_of(folder, number, name, suffix) for number, name in enumerate(names)]


def check_overlays(photos: list[str], videos: list, folder: Path) -> None:
    """Make the folder; a `UserError` if it cannot be written, or would take an input's place."""
    todo = "Name another folder."
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError("a folder for --overlay", str(error), todo) from error
    if not os.access(folder, os.W_OK):
        raise UserError("a folder for --overlay", f"{folder}, which is read-only", todo)
    read = {os.path.realpath(one) for one in photos + videos if isinstance(one, str)}
    for path in overlays(photos, videos, folder):
        if os.path.realpath(path) in read:
            raise UserError("a folder for --overlay without what is read", str(path), todo)


def answer_photos(
    photos: list[str], models: Models, arguments: argparse.Namespace, out: Output
) -> int:
    """Answer for photos; how many could not be read or drawn."""
    faults, undrawn = 0, []
    places = overlays(photos, [], arguments.overlay) if arguments.overlay else None
    if engine.away():
        answers = on_cluster.entries(photos, models_folder(), arguments.crop, places)
    else:
        answers = batch.entries(photos, models, batch.WAYS[arguments.crop], places)
    bar = progress_bar(total=len(photos), desc="predict", unit="photo", disable=len(photos) < 2)
    with closing(answers), bar:
        for entry, fault in answers:
            out.add(entry)
            faults += bool(entry["error"])
            undrawn += [fault] if fault else []
            bar.update()
    if undrawn:
        first = errors.plain(undrawn[0])
        print(f"error: {len(undrawn)} overlays could not be drawn: {first}", file=sys.stderr)
    return faults + len(undrawn)


def answer_videos(videos: list, models: Models, arguments: argparse.Namespace, out: Output) -> int:
    """Answer for videos and cameras, a JSON line for each frame; how many could not be read.

    Ctrl-C ends a camera; what was answered until then is kept, and the next one is read.
    """
    from faces.predict.video import lines

    faults = 0
    folder = arguments.overlay
    places = overlays([], videos, folder) if folder else [None] * len(videos)
    for source, drawn in zip(videos, places, strict=True):
        camera = isinstance(source, int)
        follower = lines.WAYS[arguments.crop](models)
        with closing(lines.answers(source, follower, drawn, arguments.frames)) as answers:
            try:
                for line in to_the_end(answers, f"camera {source}" if camera else source):
                    out.add(line)
                    faults += bool(line["error"])
            except KeyboardInterrupt as stop:
                if not camera or getattr(stop, "number", SIGINT) != SIGINT:
                    raise
    return faults


def to_the_end(lines: Iterator[dict], path: str) -> Iterator[dict]:
    """The same lines; a fault that nobody foresaw is the last one, and other videos go on."""
    count = 0
    try:
        for line in lines:
            yield line
            count += 1
    except UserError:
        raise
    except Exception as error:
        reason = batch.unforeseen(error)
        yield {"path": path, "frame": count, "seconds": None, "error": reason, "faces": []}


if __name__ == "__main__":
    running.run(main, timed=False)  # no stage
