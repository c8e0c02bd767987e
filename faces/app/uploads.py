"""The photos of a multipart request, kept in memory alone.

Web frameworks write larger uploads to temporary files. A face is nothing to leave lying about, so
the parts are collected here.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import Request

from faces.app.refusal import Refusal

MOST_PHOTOS = 20  # of one request
LARGEST_PHOTO = 50_000_000  # bytes
LARGEST_REQUEST = 200_000_000  # bytes
LARGEST_FRAME = 10_000_000  # bytes, of a webcam
TODO = "Send each photo as a file of a multipart/form-data form: curl -F photo=@photo.jpg ..."


@dataclass
class Upload:
    """A photo as it came: its name, its bytes, and whether it was too large to be kept."""

    name: str
    data: bytearray = field(default_factory=bytearray)
    too_large: bool = False

    def add(self, data: bytes) -> None:
        """More of its bytes; of a photo that is too large, none is kept."""
        self.too_large = self.too_large or len(self.data) + len(data) > LARGEST_PHOTO
        if self.too_large:
            self.data.clear()
        else:
            self.data += data


class Parts:
    """Collects the files of a multipart body while it arrives; its other fields are passed over."""

    def __init__(self, boundary: bytes):
        self.uploads: list[Upload] = []
        self.ended = False
        self._current: Upload | None = None
        self._headers: dict[bytes, bytes] = {}
        self._name, self._value = b"", b""
        names = "part_begin header_field header_value header_end headers_finished part_data end"
        self._parser = MultipartParser(
            boundary, {f"on_{name}": getattr(self, f"_{name}") for name in names.split()}
        )

    def write(self, data: bytes) -> None:
        self._parser.write(data)

    def _part_begin(self) -> None:
        self._current, self._headers = None, {}

    def _header_field(self, data: bytes, start: int, end: int) -> None:
        self._name += data[start:end]

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _header_end(self) -> None:
        self._headers[self._name.lower()] = self._value
        self._name, self._value = b"", b""

    def _headers_finished(self) -> None:
        _, options = parse_options_header(self._headers.get(b"content-disposition", b""))
        name = options.get(b"filename", b"").decode("utf-8", "replace")
        if name:  # browsers send a form without a file as a file without a name
            self._current = Upload(name)
            self.uploads.append(self._current)
            check_number(len(self.uploads))

    def _part_data(self, data: bytes, start: int, end: int) -> None:
        if self._current:
            self._current.add(data[start:end])

    def _end(self) -> None:
        self.ended = True


async def read_uploads(request: Request) -> list[Upload]:
    """The photos of a request, in their order.

    Raises:
        Refusal: there is none, there are too many, the form is damaged or too large.
    """
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    if kind != b"multipart/form-data" or not options.get(b"boundary"):
        received = kind.decode("utf-8", "replace") or "no content type"
        raise Refusal(415, "no_form", "multipart/form-data with its boundary", received, TODO)
    try:
        parts = Parts(options[b"boundary"])
        async for chunk in chunks(request, LARGEST_REQUEST):
            parts.write(chunk)
    except FormParserError as error:
        raise Refusal(400, "no_form", "a whole form", str(error), TODO) from error
    if not parts.ended:
        raise Refusal(400, "no_form", "a whole form", "one that is cut short", TODO)
    if not parts.uploads:
        raise Refusal(400, "no_photo", "one photo or more", "none", TODO)
    return parts.uploads


async def read_frame(request: Request) -> bytes:
    """The picture that is the body of a request; a `Refusal` if it is too large."""
    return b"".join([chunk async for chunk in chunks(request, LARGEST_FRAME)])


async def chunks(request: Request, largest: int) -> AsyncIterator[bytes]:
    """The body of a request as it arrives; a `Refusal` once it is, or says it is, too large."""
    length = request.headers.get("content-length", "")
    check_size(int(length) if length.isdecimal() else 0, largest)
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        check_size(size, largest)
        yield chunk


def check_size(size: int, largest: int) -> None:
    """Raise a `Refusal` if a request of this many bytes is too large."""
    if size > largest:
        most = largest // 10**6
        todo = "Send fewer photos at once."
        received = f"{size / 10**6:.0f} MB or more"
        raise Refusal(413, "large_request", f"at most {most} MB at once", received, todo, most=most)


def check_number(number: int) -> None:
    """Raise a `Refusal` if a request has this many photos and may not."""
    if number > MOST_PHOTOS:
        expected = f"at most {MOST_PHOTOS} photos at once"
        todo = "Send them in several requests."
        raise Refusal(413, "many_photos", expected, "more", todo, most=MOST_PHOTOS)
