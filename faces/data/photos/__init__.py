"""Read photos of any kind as a viewer shows them; tell which files are photos. May import core."""

from faces.data.photos.jpeg import SCAN
from faces.data.photos.reading import (
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
