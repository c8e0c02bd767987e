import io
import random
import struct
import sys
import zlib

import numpy as np
import pillow_heif
import pytest
from PIL import Image, ImageCms

from faces.data.photos import PhotoFault, check_content, jpeg, png, read_photo, resized
from faces.data.photos.formats import OTHER, RAW
from tests.conftest import encoded, photo, tiff

pillow_heif.register_heif_opener()

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
        ("MPO", "RGB", 5),
        ("TIFF", "RGB", 0.1),
        ("TIFF", "CMYK", 2),
        ("AVIF", "RGB", 8),
        ("HEIF", "RGB", 12),
        ("JPEG2000", "RGB", 1),
        ("PPM", "RGB", 0.1),
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
    image.paste((0, 0, 0, 0), (0, 0, 40, 25))
    read = np.asarray(read_photo(encoded(image, "PNG")))
    assert read[:25].min() == 255 and (read[25:] == PLAIN[25:]).all()
    image.putalpha(127)
    assert (
        np.abs(
            np.asarray(read_photo(encoded(image, "PNG")), int)[25:] - (PLAIN[25:] / 2 + 128)
        ).max()
        < 2
    )


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "WEBP"])
@pytest.mark.parametrize("alpha", [0, 1])
def test_an_alpha_under_which_nothing_would_show_is_ignored(kind, alpha):
    image = photo(0).convert("RGBA")
    image.putalpha(alpha)
    options = {"lossless": True, "exact": True} if kind == "WEBP" else {}
    assert near(read_photo(encoded(image, kind, **options)), 0.1)
    clear = encoded(photo(0).quantize(255), "PNG", transparency=bytes(256))
    assert near(read_photo(clear), 20)


def test_a_palette_with_a_transparent_colour_is_read():
    image = photo(0).convert("P")
    data = encoded(image, "PNG", transparency=image.getpixel((0, 0)))
    assert np.asarray(read_photo(data))[0, 0].tolist() == [255, 255, 255]


TURNS = [None, *(Image.Transpose(k) for k in (0, 3, 1, 5, 2, 6, 4))]  # as EXIF's 1 to 8 are stored


def lying(orientation: int) -> tuple[Image.Image, Image.Exif]:
    """The picture as it is stored under an orientation, and the note that says so."""
    turn = TURNS[orientation - 1]
    exif = Image.Exif()
    exif[0x0112] = orientation
    return (photo(0) if turn is None else photo(0).transpose(turn)), exif


@pytest.mark.parametrize("orientation", range(1, 9))
def test_all_orientations_stand_upright_in_every_format(orientation):
    image, exif = lying(orientation)
    for kind in ("JPEG", "PNG", "WEBP", "AVIF", "HEIF"):
        data = encoded(image, kind, exif=exif.tobytes(), quality=95)
        assert near(read_photo(data), 6), kind
    for packing in ("raw", "tiff_lzw"):
        data = encoded(image, "TIFF", compression=packing, tiffinfo={0x0112: orientation})
        assert near(read_photo(data), 0.1), packing
    floats = np.asarray(image, np.float32) / 255
    assert near(read_photo(tiff(floats, 2, orientation=orientation)), 1)
    assert near(read_photo(tiff(np.asarray(image, np.uint16) * 16, 2, orientation=orientation)), 2)


def test_a_heic_is_turned_by_its_boxes_or_else_by_its_exif_but_not_twice():
    image, exif = lying(6)
    both = encoded(image, "HEIF", exif=exif.tobytes())
    neither = encoded(image, "HEIF", exif=exif)  # EXIF alone, and a brand that forbids to heed it
    assert b"irot" in both and b"irot" not in neither and b"miaf" in neither
    assert read_photo(both).size == photo(0).size
    assert read_photo(neither).size == image.size
    assert read_photo(neither.replace(b"miaf", b"heix", 1)).size == photo(0).size


BROKEN = [
    b"",
    b"garbage",
    b"Exif\0\0garbage",
    b"Exif\0\0II*\0\xff\xff\xff\xff",
    b"Exif\0\0MM\0*\0\0\0\x08\0\1\x01\x12\0\3\0\0\xff\xff\0\6\0\0",
]


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("exif", BROKEN)
def test_broken_exif_is_no_fault_of_the_picture(kind, exif):
    assert near(read_photo(encoded(photo(0), kind, exif=exif)), 8)


@pytest.mark.parametrize("kind", ["AVIF", "HEIF"])
def test_broken_exif_in_a_box_is_no_fault_of_the_picture(kind):
    image, exif = lying(6)
    exif[0x010E] = "a description"
    data = encoded(image, kind, exif=exif.tobytes(), quality=95)
    start = max(data.find(b"II*\0"), data.find(b"MM\0*"))
    for junk in (b"XX*\0", b"II*\0\xff\xff\xff\xff\xff\xff"):
        broken = data[:start] + junk + data[start + len(junk) :]
        assert start > 0 and near(read_photo(broken), 6)


def test_exif_that_cannot_be_written_back_turns_the_photo_all_the_same():
    image, _ = lying(6)
    # A resolution of -1/0, as some phones write it.
    note = struct.pack(
        "<2sHIHHHIHHHHIII", b"II", 42, 8, 2, 0x0112, 3, 1, 6, 0, 0x011A, 10, 1, 38, 0
    )
    data = encoded(image, exif=b"Exif\0\0" + note + struct.pack("<ii", -1, 0), quality=95)
    assert near(read_photo(data), 5)


def test_of_an_animation_the_first_frame_is_read():
    content = io.BytesIO()
    photo(0).save(content, "GIF", save_all=True, append_images=[photo(1)])
    assert near(read_photo(content.getvalue()), 20)


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG", "AVIF", "TIFF"])
def test_an_animation_that_begins_with_nothing_shows_its_first_picture(kind):
    white = Image.new("RGB", photo(0).size, "white")
    frames = {"save_all": True, "append_images": [white, photo(0), photo(1)]}
    assert near(read_photo(encoded(white, kind, **frames)), 25)
    nothing = encoded(white, kind, save_all=True, append_images=[white])
    assert np.asarray(read_photo(nothing)).min() > 250


def test_the_video_behind_a_motion_photo_is_none_of_its_pixels():
    plain = encoded(photo(0))
    video = b"MotionPhoto_Data" + random.Random(1).randbytes(1000) + jpeg.SCAN * 500
    preview = b"\xff\xe5" + struct.pack(">H", 2 + 1000) + jpeg.SCAN * 500
    for data in (plain + video, plain[:2] + preview + plain[2:], plain + plain * 300):
        assert (np.asarray(read_photo(data)) == np.asarray(read_photo(plain))).all()


def test_scans_are_those_of_the_jpeg_itself():
    progressive = encoded(photo(0), progressive=True)
    n = progressive.count(jpeg.SCAN)
    assert n > 4 and jpeg.scans(progressive + encoded(photo(1)) * 50) == n
    assert jpeg.scans(encoded(photo(0))) == 1 and jpeg.scans(b"no JPEG") == 0
    assert near(read_photo(progressive + b"\0" * 99), 5)


GRAY = np.asarray(photo(0, mode="L"))
LEVELS = {
    "0 to 1": np.float32(GRAY / 255),
    "0 to 1, sharpened": np.float32(GRAY / 240 - 0.02),
    "0 to 255": np.float32(GRAY),
    "0 to 65535": np.float32(GRAY * 257.0),
    "of 64 bits": GRAY / 255,
    "16 bits": GRAY.astype(np.uint16) * 257,
    "12 bits in 16": GRAY.astype(np.uint16) * 16,
    "8 bits in 16": GRAY.astype(np.uint16),
    "16 bits with a sign": GRAY.astype(np.int16) * 128,
    "32 bits": GRAY.astype(np.uint32) * 2**24,
}


@pytest.mark.parametrize("name", LEVELS)
def test_levels_of_any_range_are_shown_from_black_to_white(name):
    levels = LEVELS[name]
    orders = "<>" if name != "32 bits" else "<"
    for order in orders:
        read = np.asarray(read_photo(tiff(levels, order=order)), int)[..., 0]
        assert np.abs(read - GRAY).mean() < 6, order


@pytest.mark.parametrize("order", "<>")
def test_levels_whose_zero_is_white_are_shown_so(order):
    for levels in (1 - np.float32(GRAY / 255), 65535 - GRAY.astype(np.uint16) * 257):
        read = np.asarray(read_photo(tiff(levels, 0, order)), int)
        assert np.abs(read[..., 0] - GRAY).mean() < 2


def test_levels_that_are_no_numbers_or_far_off_spoil_nothing():
    levels = np.float32(GRAY / 255)
    levels[0, :5] = np.nan, np.inf, -np.inf, 1e9, -1e9
    read = np.asarray(read_photo(tiff(levels)), int)[..., 0]
    assert read[0, :5].tolist() == [0, 255, 0, 255, 0]
    assert np.abs(read[1:] - GRAY[1:]).max() <= 1
    assert not np.asarray(read_photo(tiff(np.full((9, 9), np.nan, np.float32)))).any()


def test_negative_levels_are_stretched_from_the_darkest_to_the_brightest():
    read = np.asarray(read_photo(tiff(np.float32(GRAY / 127.5 - 1))), int)[..., 0]
    assert np.corrcoef(read.ravel(), GRAY.ravel())[0, 1] > 0.99
    assert read.min() == 0 and read.max() == 255


@pytest.mark.parametrize("factor", [257, 16])
def test_colours_of_12_or_16_bits_or_floats_are_what_they_are(factor):
    deep = PLAIN.astype(np.uint16) * factor
    for order in "<>":
        assert near(read_photo(tiff(deep, 2, order)), 2)
    assert near(read_photo(tiff(np.float32(PLAIN / 255), 2)), 1)
    head = struct.pack(">IIBBBBB", 40, 50, 16, 2, 0, 0, 0)
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in deep)
    parts = [(b"IHDR", head), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    assert near(read_photo(png.START + b"".join(chunk(*part) for part in parts)), 2)


def chunk(kind: bytes, content: bytes) -> bytes:
    """A chunk of a PNG."""
    crc = struct.pack(">I", zlib.crc32(kind + content))
    return struct.pack(">I", len(content)) + kind + content + crc


def test_notes_in_a_png_are_no_reason_to_refuse_it():
    plain = encoded(photo(0), "PNG")
    long = chunk(b"zTXt", b"note\0\0" + zlib.compress(bytes(2_000_000)))
    for note in (long, chunk(b"tIME", b"x")[:-1] + b"?", chunk(b"iCCP", b"p\0\0" + bytes(9))):
        assert near(read_photo(plain[:33] + note + plain[33:]), 0.1)


def test_notes_in_a_jpeg_are_no_reason_to_refuse_it():
    image, exif = lying(6)
    plain = encoded(image, exif=exif, quality=95)
    for note in (b"MPF\0" + b"II*\0" + b"\xff" * 20, b"ICC_PROFILE\0\x09\x01" + bytes(9)):
        segment = b"\xff\xe2" + struct.pack(">H", 2 + len(note)) + note
        assert near(read_photo(plain[:2] + segment + plain[2:]), 5)
    assert near(read_photo(jpeg.bare(plain)), 5)


SRGB = ImageCms.createProfile("sRGB")


def lab_photo() -> Image.Image:
    to_lab = ImageCms.buildTransform(SRGB, ImageCms.createProfile("LAB"), "RGB", "LAB")
    return ImageCms.applyTransform(photo(0), to_lab)


def wide_profile() -> bytes:
    """A profile in which each number means a more vivid colour than in sRGB: red is green."""
    data = bytearray(ImageCms.ImageCmsProfile(SRGB).tobytes())
    at = {}
    for i in range(132, 132 + 12 * data[131], 12):
        at[bytes(data[i : i + 4])] = i + 4
    red, green = at[b"rXYZ"], at[b"gXYZ"]
    data[red : red + 8], data[green : green + 8] = data[green : green + 8], data[red : red + 8]
    return bytes(data)


def test_a_photo_with_a_profile_is_shown_in_the_colours_that_it_means():
    wide = wide_profile()
    swapped = Image.merge("RGB", [photo(0).getchannel(c) for c in "GRB"])
    for kind in ("PNG", "TIFF", "WEBP"):
        data = encoded(
            swapped, kind, icc_profile=wide, **({"lossless": True} if kind == "WEBP" else {})
        )
        assert near(read_photo(data), 2), kind
    assert near(read_photo(encoded(swapped, icc_profile=wide, quality=97)), 8)
    assert near(read_photo(encoded(lab_photo(), "TIFF")), 4)


def test_a_profile_of_srgb_or_a_broken_one_changes_no_pixel():
    own = ImageCms.ImageCmsProfile(SRGB).tobytes()
    for profile in (own, own[:200], b"nonsense" * 30, wide_profile()[:-300]):
        plain = encoded(photo(0), "PNG", icc_profile=profile)
        assert (np.asarray(read_photo(plain)) == PLAIN).all()
    gray = encoded(photo(0, mode="L"), "PNG", icc_profile=wide_profile())
    assert (np.asarray(read_photo(gray))[..., 0] == GRAY).all()


@pytest.mark.parametrize("progressive", [False, True])
@pytest.mark.parametrize("lost", [1, 2, 10])
def test_a_file_that_ends_a_few_bytes_too_soon_is_shown(progressive, lost):
    large = photo(0, (400, 400))
    for data in (encoded(large, progressive=progressive), encoded(large, "PNG")):
        read = np.asarray(read_photo(data[:-lost]), int)
        assert np.abs(read - np.asarray(large)).mean() < 5


@pytest.mark.parametrize(
    ("data", "name", "reason"),
    [
        (b"?" * 99, "IMG_1.CR2", "a camera's raw file (CR2): export it as JPEG"),
        (encoded(photo(0), "TIFF"), "a.nef", RAW.format("NEF")),
        (encoded(photo(0), "TIFF", tiffinfo={50706: b"\1\4\0\0"}), "", RAW.format("TIFF")),
        (b"<?xml version='1.0'?><svg/>", "a.png", "a drawing (SVG): export it as PNG"),
        (b"%PDF-1.7 ...", "", "a document (PDF): export its pictures"),
        (b"\xff\x0a\xfa", "a.jpg", OTHER.format("JXL")),
        (b"?", "a.psd", OTHER.format("PSD")),
        (b"\0\0\0\x18ftypisom....", "a.jpg", "a video, not a photo"),
        (b"<!DOCTYPE html><p>404", "a.jpg", "not an image"),
        (tiff(np.ones((9, 9), np.float16)), "", OTHER.format("TIFF")),
    ],
)
def test_a_kind_that_is_not_read_is_named(data, name, reason):
    with pytest.raises(PhotoFault) as caught:
        read_photo(data, name=name)
    assert str(caught.value) == reason


def test_a_heic_without_what_reads_it_is_named(monkeypatch):
    data = encoded(photo(0), "HEIF")
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    with pytest.raises(PhotoFault, match="a kind that is not read \\(HEIC\\)"):
        read_photo(data)


def test_a_photo_under_a_wrong_name_is_read():
    assert near(read_photo(encoded(photo(0)), name="a.cr2"), 5)
    assert near(read_photo(encoded(photo(0), "HEIF", quality=90), name="a.jpg"), 8)


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


@pytest.mark.parametrize("top", [255, 100, 1023])
def test_a_ppm_of_digits_or_of_another_top_is_read_and_soon(top):
    levels = (np.round(PLAIN.astype(float) * top / 255)).astype(int)
    head = b"%s\n# by hand\n40 50\n" + b"%d\n" % top
    digits = b"# 1 2 3\n" + b"\n".join(b"%d" % level for level in levels.ravel())
    assert near(read_photo(head % b"P3" + digits), 2)
    assert near(read_photo(head % b"P6" + levels.astype(">u2" if top > 255 else "u1").tobytes()), 2)
    with pytest.raises(PhotoFault, match="cut short"):
        read_photo(head % b"P3" + digits[:-2000])
