"""Tell photos from other files: one list of formats, one walk through folders for all.

Kinds that are not read are listed too, so that they are named and never passed over in silence.
"""

from collections import deque
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

# What Pillow may open. It knows 40 more, some that start programs. MPO is opened as JPEG.
FORMATS = ("JPEG", "PNG", "GIF", "WEBP", "BMP", "TIFF", "JPEG2000", "PPM")
BOXED = ("AVIF", "HEIF")  # in boxes as videos are
ENDINGS = {
    "photo": "jpg jpeg jpe jfif jif mpo png apng gif webp bmp dib tif tiff heic heif hif heics "
    "heifs avif avifs jp2 j2k j2c jpc jpf jpx ppm pgm pbm pnm pfm",
    "video": "mp4 m4v mov avi mkv webm mpg mpeg wmv flv ogv 3gp ts",
}
PHOTOS, VIDEOS = ({f".{e}" for e in ENDINGS[kind].split()} for kind in ("photo", "video"))
# Pictures that are not read, by what to say of them.
RAW = "a camera's raw file ({}): export it as JPEG"
DRAWING = "a drawing ({}): export it as PNG"
DOCUMENT = "a document ({}): export its pictures"
OTHER = "a picture of a kind that is not read ({}): save it as JPEG or PNG"
NAMED = {
    f".{ending}": words
    for words, endings in {
        RAW: "3fr arw cr2 cr3 crw dcr dng erf fff iiq kdc mef mos mrw nef nrw orf pef raf raw rw2 "
        "rwl sr2 srf srw x3f",
        DRAWING: "svg svgz eps ai wmf emf",
        DOCUMENT: "pdf djvu",
        OTHER: "psd psb xcf kra ico cur icns jxl jxr wdp exr hdr dds tga pcx qoi bpg dcm",
    }.items()
    for ending in endings.split()
}
# How files of those kinds begin, whatever they are called.
BEGINNINGS = (
    (b"FUJIFILMCCD-RAW", RAW, "RAF"),
    (b"IIU\0", RAW, "RW2"),
    (b"IIRO", RAW, "ORF"),
    (b"FOVb", RAW, "X3F"),
    (b"II\x1a\0\0\0HEAPCCDR", RAW, "CRW"),
    (b"<svg", DRAWING, "SVG"),
    (b"%PDF-", DOCUMENT, "PDF"),
    (b"8BPS\0", OTHER, "PSD"),
    (b"gimp xcf", OTHER, "XCF"),
    (b"\0\0\1\0", OTHER, "ICO"),
    (b"icns", OTHER, "ICNS"),
    (b"\xff\x0a", OTHER, "JXL"),
    (b"\0\0\0\x0cJXL ", OTHER, "JXL"),
    (b"v/1\x01", OTHER, "EXR"),
    (b"#?RADIANCE", OTHER, "HDR"),
    (b"DDS ", OTHER, "DDS"),
    (b"qoif", OTHER, "QOI"),
)
VIDEO = "a video, not a photo"
VIDEO_BRANDS = (b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp4", b"avc1", b"M4V", b"qt", b"3g")
LITTER = {"thumbs.db", "ehthumbs.db", "desktop.ini", "__macosx", "icon\r"}


def ending_of(name: str) -> str:
    """The ending in small letters, with its dot.

    >>> ending_of("a/IMG_1.CR2")
    '.cr2'
    """
    return PurePosixPath(name.replace("\\", "/")).suffix.lower()


def is_photo(name: str) -> bool:
    """Whether a file of this name is of a kind that is read."""
    return ending_of(name) in PHOTOS


def is_picture(name: str) -> bool:
    """Whether a file of this name is a photo, or a picture of a kind that is not read."""
    return is_photo(name) or ending_of(name) in NAMED


def is_video(name: str) -> bool:
    """Whether the name is that of a video file."""
    return ending_of(name) in VIDEOS


def is_hidden(path: str) -> bool:
    """Whether a part of a path below a folder is hidden, or an operating system's litter.

    >>> [is_hidden(p) for p in ("a/b.jpg", "__MACOSX/a/b.jpg", "a/._b.jpg", "a/Thumbs.db")]
    [False, True, True, True]
    """
    parts = path.replace("\\", "/").split("/")
    return any(p.lower() in LITTER or (p.startswith(".") and p not in (".", "..")) for p in parts)


def named(name: str) -> str | None:
    """Say why a picture is not read, by its name; None for others.

    >>> named("IMG_1.CR2")
    "a camera's raw file (CR2): export it as JPEG"
    """
    ending = ending_of(name)
    return NAMED[ending].format(ending[1:].upper()) if ending in NAMED else None


def is_raw(name: str) -> bool:
    """Whether it is a camera's raw file by its name: a TIFF that begins with a thumbnail."""
    return NAMED.get(ending_of(name)) == RAW


def raw(name: str) -> str:
    """Say why a camera's raw file is not read, whatever it is called."""
    return named(name) if is_raw(name) else RAW.format("TIFF")


def recognised(data: bytes, name: str = "") -> str | None:
    """Say why a file is no photo, by how it begins, or else by its name.

    >>> recognised(b"%PDF-1.7"), recognised(b"?"), recognised(b"?", "a.svg")
    ('a document (PDF): export its pictures', None, 'a drawing (SVG): export it as PNG')
    """
    return by_beginning(data) or named(name)


def by_beginning(data: bytes) -> str | None:
    """Say why a file is no photo, by how it begins; None if that is not known."""
    start = data[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
    for beginning, words, kind in BEGINNINGS:
        if data.startswith(beginning) or start.startswith(beginning):
            return words.format(kind)
    if start.startswith(b"<?xml") and b"<svg" in start:
        return DRAWING.format("SVG")
    if data[4:8] == b"ftyp":
        if data[8:11] == b"crx":
            return RAW.format("CR3")
        if data[8:11] in (b"hei", b"hev", b"mif"):
            return OTHER.format("HEIC")
        return VIDEO if data[8:12].startswith(VIDEO_BRANDS) else None
    matroska = data.startswith(b"\x1aE\xdf\xa3")
    return VIDEO if matroska or (data[:4] == b"RIFF" and data[8:12] == b"AVI ") else None


def files_below(base: Path, patient: bool = False) -> Iterator[Path]:
    """Every file below `base`, links followed, without what is hidden.

    A folder counts once, however many links lead to it; by its own path, if that is below `base`.

    Args:
        patient: give a folder that cannot be read in the place of its files, and give links that
            lead nowhere, so that something can be said of them.

    Raises:
        OSError: a folder cannot be read, and this is not `patient`.
    """
    seen, waiting = set(), deque([base])
    while waiting:
        here = waiting.popleft()
        real = here.resolve()
        if real in seen:
            continue
        seen.add(real)
        try:
            paths = sorted(path for path in here.iterdir() if not is_hidden(path.name))
        except OSError:
            if not patient:
                raise
            yield here
            continue
        folders = [path for path in paths if path.is_dir()]
        waiting.extendleft(path for path in reversed(folders) if not path.is_symlink())
        waiting.extend(path for path in folders if path.is_symlink())
        yield from (p for p in paths if p.is_file() or (patient and p not in folders))
