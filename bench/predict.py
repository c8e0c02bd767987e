"""Photos and frames a second, and one photo from start to end: predict beside its limits.

Needs data/clean/gender and data/models: run the pipeline first. Beside each: decoding alone.
"""

import io
import subprocess
import sys
import tempfile
import zipfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from fractions import Fraction
from functools import partial
from pathlib import Path

from PIL import Image

from bench.report import Line
from bench.timing import interleaved, show
from faces.core import paths, threads
from faces.data.photos import read_photo
from faces.detection.models import load_models
from faces.detection.tracking import Tracker
from faces.predict import batch, inputs
from faces.predict.video import lines
from faces.predict.video.file import VideoFile
from faces.predict.video.shots import Shot
from faces.predict.video.writer import Writer

NUMBER, FRAMES, SIZE = 200, 100, (640, 480)


def make_photos(folder: Path, number: int) -> list[str]:
    """Lay photos of the data set on a ground of 640x480 each, as JPEG: their paths."""
    with zipfile.ZipFile(paths.CLEAN / "gender/photos.zip") as archive:
        for i, name in enumerate(archive.namelist()[:number]):
            face = Image.open(io.BytesIO(archive.read(name))).convert("RGB")
            face.thumbnail((200, 200))
            ground = Image.new("RGB", SIZE, face.getpixel((0, 0)))
            ground.paste(face, ((SIZE[0] - face.width) // 2, (SIZE[1] - face.height) // 2))
            ground.save(folder / f"{i:04d}.jpg", quality=85)
    return list(inputs.expand([str(folder)]))


def decode(path: str) -> None:
    read_photo(inputs.read_file(path))


def measure(share: float = 1) -> list[Line]:
    """Measure one photo, a folder of them with and without looking for faces, and a video."""
    models = load_models(paths.MODELS)
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(threads.cores()) as pool:
        photos = make_photos(Path(folder), max(2, round(share * NUMBER)))
        clip = str(Path(folder) / "clip.mp4")
        picture = Image.open(photos[0])
        with closing(Writer(Path(clip), Fraction(1, 25))) as writer:
            for i in range(FRAMES):
                writer.write(picture, Shot(picture, Fraction(i, 25)))
        ways = {w: lambda w=w: list(batch.entries(photos, models, w)) for w in batch.WAYS.values()}
        ways["photos"] = lambda: list(pool.map(decode, photos))
        ways["video"] = lambda: list(lines.answers(clip, Tracker(models), None, None))
        ways["frames"] = lambda: list(VideoFile(clip).shots())
        times, found = interleaved(ways), [one_photo(photos[0])]
    rows = [(f"folder, --crop {c}", w, "photos", len(photos)) for c, w in batch.WAYS.items()]
    for what, own, least, number in [*rows, ("video, one face", "video", "frames", FRAMES)]:
        speeds = [f"{number / times[way].median:.1f} {least}/s" for way in (own, least)]
        more = f"{times[own].by(times[least]):.1f} times as long as decoding"
        found.append(Line(f"640x480, {what}", *speeds, more))
    return found


def one_photo(path: str) -> Line:
    """Measure one photo, the start of Python and of the models included."""
    words = ["-m", "faces.predict", path], ["-c", f"from bench.predict import *; decode({path!r})"]
    python = partial(subprocess.run, check=True, capture_output=True)
    ways = {each[0]: partial(python, [sys.executable, *each]) for each in words}
    own, other = interleaved(ways).values()
    cells = "one photo of 640x480, start included", show(own.median), show(other.median)
    return Line(*cells, f"{own.by(other):.1f} times as long")
