"""Write the two archives of the embedded default, with identical bytes for an identical seed."""

from pathlib import Path

from faces.sources.drawn.keypoints import keypoints_archive
from faces.sources.drawn.photos import photos_archive

ARCHIVES = {
    "facial-keypoints-detection.zip": keypoints_archive,
    "face-detection.zip": photos_archive,
}


def write_archives(folder: Path, settings: dict, seed: int, progress: bool = True) -> list[Path]:
    """Draw both archives into `folder`; returns their paths.

    `settings` has train_rows, test_images, photos and label (see settings.py).
    """
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for name, draw in ARCHIVES.items():
        part = folder / f"{name}.part"
        part.write_bytes(draw(settings, seed, progress))
        paths.append(part.replace(folder / name))
    return paths
