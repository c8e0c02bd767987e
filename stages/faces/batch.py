"""Files of photos -> their entries in predict's JSON, and pictures of the answers."""

import json
from collections.abc import Callable
from concurrent.futures import Executor
from pathlib import Path

from stages.errors import UserError, plain
from stages.faces import answer, sources, whole
from stages.faces.models import Models
from stages.overlay import draw, path_of
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
        except UserError:
            raise
        except Exception as error:
            return None, unforeseen(error)

    seen = list(pool.map(read, paths))
    answers = iter(answers_of([kept for kept, fault in seen if not fault], ask, models))
    entries = []
    for path, (_, fault) in zip(paths, seen, strict=True):
        faces, fault = ([], fault) if fault else next(answers)
        entries.append({"path": path, "error": fault, "faces": faces})
    return entries


def answers_of(kept: list, ask: Callable, models: Models) -> list[tuple[list[dict], str | None]]:
    """Faces of each photo and None, or none and what went wrong: of that photo, not of others."""
    try:
        found = ask(kept, models)
        json.dumps(found, allow_nan=False)  # `ValueError`: no number, which no JSON can hold
        return [(faces, None) for faces in found]
    except UserError:
        raise
    except Exception as error:
        if len(kept) == 1:
            return [([], unforeseen(error))]
    return [answers_of([one], ask, models)[0] for one in kept]


def unforeseen(error: Exception) -> str:
    """What to say of an input that cannot be answered for, where it has no words of its own."""
    if isinstance(error, MemoryError):
        return "too large for the memory that is left"
    return plain(f"cannot be answered ({type(error).__name__}: {error})")


def draw_all(entries: list[dict], folder: Path, first: int) -> list[str]:
    """An overlay of each photo, numbered from `first`; of those that cannot be drawn, why.

    Each is read once more: a batch of large photos would not fit into memory together.
    """
    faults = []
    for number, entry in enumerate(entries, first):
        if entry["error"] is not None:
            continue
        path = path_of(folder, number, entry["path"], ".png")
        try:
            photo = read_photo(sources.read_file(entry["path"]), name=entry["path"])
            draw(photo, entry["faces"], path)
        except Exception as error:  # a photo that is gone since, a full disk: others can be drawn
            faults.append(f"{path}: {error}")
    return faults
