"""Photos of a folder a second: predict beside decoding alone. `make bench`.

`python -m bench.predict FOLDER` measures a folder of yours; without one, photos of
data/clean/gender are laid on plain ground.
The models in data/models answer, so run the pipeline first.
"""

import contextlib
import io
import os
import sys
import tempfile
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from PIL import Image

from stages import errors
from stages.errors import UserError
from stages.faces import sources
from stages.faces.batch import answer_batch
from stages.faces.models import load_models
from stages.photos import PhotoFault, read_photo
from stages.predict import BATCH, MODELS

PHOTOS = Path("data/clean/gender/photos.zip")
NUMBER, SIZE = 200, (640, 480)


def make_photos(folder: Path) -> None:
    """Photos of the data set, each on a ground of 640x480, as JPEG."""
    if not PHOTOS.is_file():
        raise UserError(f"{PHOTOS.as_posix()} to measure with", "no such file", "`make run` first.")
    with zipfile.ZipFile(PHOTOS) as archive:
        for number, name in enumerate(archive.namelist()[:NUMBER]):
            face = Image.open(io.BytesIO(archive.read(name))).convert("RGB")
            face.thumbnail((200, 200))
            ground = Image.new("RGB", SIZE, face.getpixel((0, 0)))
            ground.paste(face, ((SIZE[0] - face.width) // 2, (SIZE[1] - face.height) // 2))
            ground.save(folder / f"{number:04d}.jpg", quality=85)


def decode(path: str) -> None:
    with contextlib.suppress(PhotoFault):
        read_photo(sources.read_file(path))


def measure(paths: list[str], models) -> list[tuple[str, float]]:
    """Seconds of each way over the same photos, in the same threads."""
    ways = {
        "decoding alone": lambda batch, pool: list(pool.map(decode, batch)),
        "--crop none": lambda batch, pool: answer_batch(batch, models, "none", pool),
        "predict": lambda batch, pool: answer_batch(batch, models, "face", pool),
    }
    rows = []
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for name, way in ways.items():
            way(paths[:BATCH], pool)  # compiles the networks
            started = time.perf_counter()
            for batch in sources.batches(paths, BATCH):
                way(batch, pool)
            rows.append((name, time.perf_counter() - started))
    return rows


def main() -> None:
    models = load_models(MODELS)
    with tempfile.TemporaryDirectory() as folder:
        if not sys.argv[1:]:
            make_photos(Path(folder))
        paths = list(sources.expand(sys.argv[1:] or [folder]))
        rows = measure(paths, models)
    print(f"{len(paths)} photos", file=sys.stderr)
    print(f"{'way':20} {'seconds':>8} {'photos/s':>9}")
    for name, seconds in rows:
        print(f"{name:20} {seconds:8.3f} {len(paths) / seconds:9.1f}")


if __name__ == "__main__":
    errors.run(main)
