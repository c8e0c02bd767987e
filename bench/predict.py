"""Photos of a folder a second, and one photo from start to end: predict beside its limits.

Photos of data/clean/gender are laid on plain ground, and the models in data/models answer, so run
the pipeline first. A folder is answered in a process whose networks are compiled, beside decoding
its photos alone. One photo is answered by `python -m stages.predict` in a process of its own,
beside one that imports Keras and decodes the photo: what no program on it can do without.
"""

import contextlib
import io
import os
import subprocess
import sys
import tempfile
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from PIL import Image

from bench.report import Line
from bench.timing import interleaved, ratio, show
from stages.errors import UserError
from stages.faces import sources
from stages.faces.batch import answer_batch
from stages.faces.models import load_models
from stages.photos import PhotoFault, read_photo
from stages.predict import BATCH, MODELS

PHOTOS = Path("data/clean/gender/photos.zip")
NUMBER, SIZE = 200, (640, 480)


def make_photos(folder: Path, number: int) -> None:
    """Photos of the data set, each on a ground of 640x480, as JPEG."""
    if not PHOTOS.is_file():
        raise UserError(f"{PHOTOS.as_posix()} to measure with", "no such file", "`make run` first.")
    with zipfile.ZipFile(PHOTOS) as archive:
        for i, name in enumerate(archive.namelist()[:number]):
            face = Image.open(io.BytesIO(archive.read(name))).convert("RGB")
            face.thumbnail((200, 200))
            ground = Image.new("RGB", SIZE, face.getpixel((0, 0)))
            ground.paste(face, ((SIZE[0] - face.width) // 2, (SIZE[1] - face.height) // 2))
            ground.save(folder / f"{i:04d}.jpg", quality=85)


def decode(path: str) -> None:
    with contextlib.suppress(PhotoFault):
        read_photo(sources.read_file(path))


def measure(share: float = 1) -> list[Line]:
    models = load_models(MODELS)
    number = max(BATCH, round(share * NUMBER))
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(os.cpu_count()) as pool:
        make_photos(Path(folder), number)
        paths = list(sources.expand([folder]))
        ways = {
            "decode": lambda: list(pool.map(decode, paths)),
            "none": lambda: answers(paths, models, "none", pool),
            "face": lambda: answers(paths, models, "face", pool),
        }
        times = interleaved(ways)  # a first round, which does not count, compiles the networks
        lines = [one_photo(paths[0])]
    for name, what in (("face", "faces found and answered"), ("none", "`--crop none`")):
        lines.append(
            Line(
                f"predict, {len(paths)} photos of 640x480: {what}",
                f"{len(paths) / times[name].median:.1f} photos/s",
                f"{len(paths) / times['decode'].median:.0f} photos/s: decoding alone",
                f"{ratio(times[name], times['decode']):.1f} times as long",
            )
        )
    return lines


def one_photo(path: str) -> Line:
    """One photo, the start of Python, of TensorFlow and of the models included."""
    least = f"import keras; from bench.predict import decode; decode({path!r})"
    commands = {"predict": ["-m", "stages.predict", path], "least": ["-c", least]}
    times = interleaved({name: alone(words) for name, words in commands.items()})
    return Line(
        "predict, one photo of 640x480, start included",
        show(times["predict"].median),
        f"{show(times['least'].median)}: Keras imported, the photo decoded",
        f"{ratio(times['predict'], times['least']):.1f} times as long",
    )


def alone(words: list[str]):
    """A function that runs Python with these words and waits for its end."""
    command = [sys.executable, *words]
    return lambda: subprocess.run(command, check=True, capture_output=True)


def answers(paths: list[str], models, way: str, pool) -> None:
    for batch in sources.batches(paths, BATCH):
        answer_batch(batch, models, way, pool)
