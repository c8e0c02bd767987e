"""Photos of faces -> keypoints and class of each: `python -m stages.predict PATH...`."""

import argparse
import json
import sys
from pathlib import Path

import numpy as np
from PIL import Image
from tqdm import tqdm

from stages import files, model_file
from stages.errors import UserError
from stages.keypoints.labels import FRAME, N_POINTS, POINT_NAMES, clip_to_frame
from stages.overlay import draw
from stages.photos import PhotoFault, check_content, read_photo, resized

MODELS = Path("data/models")
BATCH = 64
SMALLEST = 2


def main() -> int:
    """Answer for every path; 1 if some could not be read, else 0."""
    arguments = parse(sys.argv[1:])
    models = load_models(MODELS)
    answers = []
    batches = [arguments.paths[i : i + BATCH] for i in range(0, len(arguments.paths), BATCH)]
    for batch in tqdm(batches, desc="predict", unit="batch", disable=len(batches) < 2):
        answers += answer(batch, models, arguments.overlay, len(answers))
    text = json.dumps(answers, indent=2, ensure_ascii=False)
    if arguments.json:
        files.save_text(arguments.json, text + "\n")
    else:
        print(text)
    return int(any(a["error"] for a in answers))


def parse(words: list[str]) -> argparse.Namespace:
    """The command line: paths of photos, `--json FILE`, `--overlay DIR`."""
    parser = argparse.ArgumentParser(prog="python -m stages.predict", description=__doc__)
    parser.add_argument("paths", nargs="+", metavar="PATH", help="a photo that is a face crop")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write there, not to stdout")
    parser.add_argument("--overlay", type=Path, metavar="DIR", help="draw the answers there")
    return parser.parse_args(words)


def load_models(folder: Path) -> dict:
    """Both models, and the class names of the second.

    Raises:
        UserError: there are none yet.
    """
    paths = {task: folder / f"{task}.keras" for task in ("keypoints", "gender")}
    needed = [*paths.values(), folder / "gender.json"]
    missing = [path.as_posix() for path in needed if not path.is_file()]
    if missing:
        todo = "Run `dvc repro`, or `dvc pull`, first."
        raise UserError("trained models", f"no {' and no '.join(missing)}", todo)
    models = {task: model_file.load(path) for task, path in paths.items()}
    classes = json.loads((folder / "gender.json").read_text(encoding="utf-8"))
    return {**models, "classes": classes}


def answer(paths: list[str], models: dict, overlay: Path | None, first: int) -> list[dict]:
    """An entry for each path, in their order: `path`, `error` (None or words), `faces`.

    Args:
        overlay: folder for pictures of the answers, or None. first: number of the first path.
    """
    size = models["gender"].input_shape[1]
    entries, readable, seen, grays, colours = [], [], [], [], []
    for path in paths:
        entry = {"path": str(path), "error": None, "faces": []}
        entries.append(entry)
        try:
            photo = read_photo(read_file(path))
        except PhotoFault as fault:
            entry["error"] = str(fault)
            continue
        readable.append(entry)
        if shows_something(photo):
            seen.append((entry, photo.size))
            grays.append(resized(photo.convert("L"), FRAME)[..., None])
            colours.append(resized(photo, size))
    if seen:
        fill(seen, np.stack(grays), np.stack(colours), models)
    if overlay:
        draw_all(readable, overlay, first)
    return entries


def shows_something(photo: Image.Image) -> bool:
    """Whether there could be a face: not so in a blank picture, a strip or a pixel."""
    try:
        check_content(photo, SMALLEST)
    except PhotoFault:
        return False
    return True


def draw_all(entries: list[dict], folder: Path, first: int) -> None:
    """An overlay of each photo, numbered from `first`, since names may stand twice.

    Each is read once more: a batch of large photos would not fit into memory together.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for number, entry in enumerate(entries, first):
        photo = read_photo(read_file(entry["path"]))
        draw(photo, entry["faces"], folder / f"{number:04d}-{Path(entry['path']).stem}.png")


def read_file(path: str) -> bytes:
    """The file's content; a `PhotoFault` if there is none to be had."""
    try:
        if Path(path).exists() and not Path(path).is_file():  # a folder; a device, without an end
            raise PhotoFault("not a file")
        return Path(path).read_bytes()
    except FileNotFoundError:
        raise PhotoFault("no such file") from None
    except OSError as error:
        raise PhotoFault(f"cannot be read ({error.strerror})") from None


def fill(seen: list, grays: np.ndarray, colours: np.ndarray, models: dict) -> None:
    """Add the face to each entry: the whole photo, its class and points in the photo's pixels.

    Args:
        seen: (entry, (width, height)) of each photo.
        grays: uint8 (n, 96, 96, 1). colours: uint8 (n, size, size, 3).
    """
    from stages.gender import answer as gender
    from stages.keypoints import answer as keypoints

    points = keypoints.outputs(models["keypoints"], grays, flip_average=True)[:, :N_POINTS]
    points, _ = clip_to_frame(points)
    chances = gender.outputs(models["gender"], colours, flip_average=True)
    for (entry, (width, height)), face, chance in zip(seen, points, chances, strict=True):
        # From pixel centres of the 96x96 frame to pixel centres of the photo.
        scaled = (face + 0.5) * [width / FRAME, height / FRAME] - 0.5
        best = int(chance.argmax())
        label = {"label": models["classes"][best], "probability": round(float(chance[best]), 4)}
        named = zip(POINT_NAMES, scaled.round(2).tolist(), strict=True)
        entry["faces"] = [{"box": [0, 0, width, height], "gender": label, "keypoints": dict(named)}]


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (UserError, OSError) as fault:  # OSError: an output that cannot be written
        print(f"error: {fault}", file=sys.stderr)
        sys.exit(1)
