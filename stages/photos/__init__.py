"""Photos of any kind, read as a viewer shows them; which files are photos, and where they lie."""

from stages.photos.jpeg import SCAN
from stages.photos.reading import (
    DAMAGE,
    LARGEST_FILE,
    MOST_PIXELS,
    MOST_SCANS,
    PhotoFault,
    check_content,
    open_photo,
    read_photo,
    resized,
)

__all__ = [
    "DAMAGE",
    "LARGEST_FILE",
    "MOST_PIXELS",
    "MOST_SCANS",
    "SCAN",
    "PhotoFault",
    "check_content",
    "open_photo",
    "read_photo",
    "resized",
]
