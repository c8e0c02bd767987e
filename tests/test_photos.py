import io

import numpy as np
import pytest
from PIL import Image

from stages.photos import PhotoFault, check_content, read_photo, resized
from tests.conftest import encoded, photo

PLAIN = np.asarray(photo(0))


def near(image: Image.Image, tolerance: float) -> bool:
    return np.abs(np.asarray(image, float) - PLAIN).mean() < tolerance


@pytest.mark.parametrize(
    ("kind", "mode", "tolerance"),
    [
        ("JPEG", "RGB", 5),
        ("JPEG", "CMYK", 6),
        ("PNG", "RGBA", 0.1),
        ("PNG", "P", 20),
        ("GIF", "RGB", 20),
        ("WEBP", "RGB", 8),
        ("BMP", "RGB", 0.1),
    ],
)
def test_every_encoding_shows_the_same_picture(kind, mode, tolerance):
    read = read_photo(encoded(photo(0).convert(mode), kind))
    assert read.mode == "RGB" and near(read, tolerance)


def test_16_bit_gray_is_scaled_not_clipped():
    gray = np.asarray(photo(0, mode="L"))
    read = read_photo(encoded(Image.fromarray(gray.astype(np.uint16) * 257), "PNG"))
    assert np.abs(np.asarray(read)[..., 0].astype(int) - gray).max() <= 1


def test_what_is_transparent_becomes_white():
    image = photo(0).convert("RGBA")
    image.putalpha(0)
    assert np.asarray(read_photo(encoded(image, "PNG"))).min() == 255


def test_a_palette_with_a_transparent_colour_is_read():
    image = photo(0).convert("P")
    data = encoded(image, "PNG", transparency=image.getpixel((0, 0)))
    assert np.asarray(read_photo(data))[0, 0].tolist() == [255, 255, 255]


def test_exif_rotation_is_undone():
    exif = Image.Exif()
    exif[0x0112] = 6
    turned = photo(0).transpose(Image.Transpose.ROTATE_90)
    assert near(read_photo(encoded(turned, "JPEG", exif=exif, quality=95)), 5)


def test_of_an_animation_the_first_frame_is_read():
    content = io.BytesIO()
    photo(0).save(content, "GIF", save_all=True, append_images=[photo(1)])
    assert near(read_photo(content.getvalue()), 20)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty file"),
        (b"this is no image at all", "not an image"),
        (encoded(photo(0, (200, 200)))[:1500], "cut short"),
        (encoded(photo(0, (200, 200)), "PNG")[:3000], "cut short"),
    ],
)
def test_what_cannot_be_read_says_why(data, reason):
    with pytest.raises(PhotoFault, match=reason):
        read_photo(data)


def test_a_bomb_is_refused_before_it_is_decoded():
    # 50,000 x 50,000 pixels in the header, and no data behind it.
    header = encoded(Image.new("1", (8, 8)), "PNG")
    size = (50_000).to_bytes(4, "big")
    import zlib

    chunk = b"IHDR" + size + size + header[24:29]
    bomb = header[:12] + chunk + zlib.crc32(chunk).to_bytes(4, "big") + header[33:]
    with pytest.raises(PhotoFault, match="50 megapixels"):
        read_photo(bomb)


@pytest.mark.parametrize(
    ("image", "reason"),
    [
        (Image.new("RGB", (1, 1)), "one pixel"),
        (photo(0, (200, 4)), "a strip of 200x4"),
        (photo(0, (10, 12)), "10x12 is below 16 pixels"),
        (Image.new("RGB", (60, 60), (120, 90, 60)), "blank"),
    ],
)
def test_what_shows_nothing_says_why(image, reason):
    with pytest.raises(PhotoFault, match=reason):
        check_content(image, 16)


def test_a_low_contrast_photo_is_not_blank():
    check_content(Image.eval(photo(0), lambda v: 100 + v // 8), 16)


def test_resizing_keeps_what_is_where():
    picture = np.zeros((100, 50, 3), np.uint8)
    picture[:50] = 255
    small = resized(Image.fromarray(picture), 10)
    assert small.shape == (10, 10, 3)
    assert small[:5].min() == 255 and small[5:].max() == 0
