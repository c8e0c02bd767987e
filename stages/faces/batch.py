"""Files of photos -> their entries in predict's JSON, and pictures of the answers."""

from concurrent.futures import Executor
from contextlib import suppress
from pathlib import Path

from stages.faces import answer, sources, whole
from stages.faces.models import Models
from stages.overlay import draw
from stages.photos import PhotoFault, read_photo

# What is kept of a photo, and what answers for many of them.
WAYS = {
    "face": (answer.suspects, answer.answer_suspects),
    "none": (whole.copies, whole.answer_copies),
}


def answer_batch(paths: list[str], models: Models, crop: str, pool: Executor) -> list[dict]:
    """An entry for each path, in their order: `path`, `error` (None or words), `faces`.

    Of each photo only what the networks will see is kept: 50 megapixels take 150 MB.
    """
    prepare, ask = WAYS[crop]

    def read(path: str):
        try:
            return prepare(read_photo(sources.read_file(path), name=path), models), None
        except PhotoFault as fault:
            return None, str(fault)

    seen = list(pool.map(read, paths))
    answers = iter(ask([kept for kept, fault in seen if not fault], models))
    return [
        {"path": path, "error": fault, "faces": [] if fault else next(answers)}
        for path, (_, fault) in zip(paths, seen, strict=True)
    ]


def draw_all(entries: list[dict], folder: Path, first: int) -> None:
    """An overlay of each photo, numbered from `first`, since names may stand twice.

    Each is read once more: a batch of large photos would not fit into memory together.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for number, entry in enumerate(entries, first):
        path = folder / f"{number:04d}-{Path(entry['path']).stem}.png"
        # A file that is gone since then has been answered, and cannot be drawn.
        with suppress(PhotoFault):
            if entry["error"] is None:
                photo = read_photo(sources.read_file(entry["path"]), name=entry["path"])
                draw(photo, entry["faces"], path)
