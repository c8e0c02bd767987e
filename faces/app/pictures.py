"""Photos as a browser can show them, whatever they were: upright JPEG of 8 bit."""

import base64
import io

from PIL import Image

LONGEST = 1600  # pixels


def jpeg(photo: Image.Image, longest: int = LONGEST) -> bytes:
    """The photo as JPEG, its longer side at most `longest` pixels."""
    small = photo.copy()
    small.thumbnail((longest, longest))
    content = io.BytesIO()
    small.save(content, "JPEG", quality=90)
    return content.getvalue()


def shown(photo: Image.Image) -> dict:
    """Width and height in pixels, in which faces are counted, and the picture as a data URL."""
    source = "data:image/jpeg;base64," + base64.b64encode(jpeg(photo)).decode("ascii")
    return {"width": photo.width, "height": photo.height, "source": source}
