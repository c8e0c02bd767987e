"""Frames of a video file, each with the moment at which it is shown, through PyAV (FFmpeg)."""

import io
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.sidedata.sidedata import Type
from PIL import Image

from faces.data.photos import MOST_PIXELS, PhotoFault
from faces.data.photos.formats import FORMATS as PICTURES
from faces.data.photos.rgb import to_rgb
from faces.predict import inputs
from faces.predict.video import cut_short
from faces.predict.video.shots import STEP, Clock, Shot

# What a file may be. FFmpeg knows 300 more: some of them are lists of other files and addresses.
FORMATS = (
    "mov,matroska,avi,mpegts,mpeg,mpegvideo,m4v,asf,flv,live_flv,ogg,gif,apng,mjpeg,h264,hevc,"
    "h263,vvc,ivf,obu,av1,yuv4mpegpipe,nut,rm,mxf,gxf,dv,wtv,nsv,vc1,smjpeg"
)
# Nor does what is on the list open anything but the file that it is handed.
OPTIONS = {"format_whitelist": FORMATS, "protocol_whitelist": "none"}
RECORDED = {"mpegts", "mpeg"}  # broadcasts: recordings begin anywhere, also where nothing is shown
BUFFER = 1 << 18  # bytes read at once
TRIES = 8  # reads in a row that may fail before the rest of a file is given up
# What PyAV raises at damaged files.
DAMAGE = (av.FFmpegError, OSError, ValueError, RuntimeError, ArithmeticError, LookupError)


class VideoFile:
    """A video file, open.

    Attributes:
        announced: frames that it says it has, for a bar only; None where it does not say.
        time_base: seconds that time stamps are counted in.

    Raises:
        PhotoFault: there is no such file, or it is no video.
    """

    def __init__(self, path: str):
        with ExitStack() as stack:
            self.file = stack.enter_context(open_file(path))
            try:
                self.container = stack.enter_context(open_container(self.file))
                self.stream = best_stream(self.container)
            except PhotoFault as fault:
                raise PhotoFault(why_not(self.file, str(fault))) from None
            self.stack = stack.pop_all()
        self.announced = self.stream.frames or None
        self.time_base = self.stream.time_base or Fraction(1, 1000)
        # Frames decoded side by side are faster, but an error then loses its neighbours in silence.
        self.stream.thread_type = "SLICE"
        self.damaged = self.short = self.whole = False
        self.last_is_whole = True
        self.rotation, self.turn = None, None

    def shots(self) -> Iterator[Shot]:
        """Each frame that can be read.

        Raises:
            PhotoFault: after the last one: there were none, or some could not be read.
        """
        count, clock = 0, Clock(self.starts(), self.step())
        for frame in self.frames():
            if not count and self.container.format.name in RECORDED:
                self.damaged = False  # a recording that begins between two frames is a whole one
            self.note_faults(frame)
            lasts = (frame.duration or 0) * self.time_base or clock.step
            yield Shot(
                picture_of(frame, self.matrix(frame)), clock.moment(self.stamp(frame)), lasts
            )
            count += 1
        self.judge(count)

    def matrix(self, frame: av.VideoFrame) -> np.ndarray | None:
        """How a frame is to be turned.

        Asked for as seldom as can be: a frame that was asked stays in memory until Python looks
        for cycles, and of large ones that is gigabytes.
        """
        if frame.rotation != self.rotation:
            self.rotation, self.turn = frame.rotation, matrix_of(frame)
        return self.turn

    def note_faults(self, frame: av.VideoFrame) -> None:
        """Remember that a frame is guesswork in part; not the first, which lack what is cut off."""
        self.whole = self.whole or not frame.is_corrupt
        self.damaged |= self.whole and frame.is_corrupt
        self.last_is_whole = not frame.is_corrupt

    def starts(self) -> Fraction | None:
        """The moment that players call 0: when the first of its sound and pictures begins."""
        start = self.container.start_time
        return None if start is None else max(Fraction(0), Fraction(start, av.time_base))

    def step(self) -> Fraction:
        """Seconds from one frame to the next, for those that do not say when they are shown."""
        with suppress(*DAMAGE):
            return 1 / Fraction(self.stream.average_rate or 0)
        return STEP

    def stamp(self, frame: av.VideoFrame) -> Fraction | None:
        """Seconds at which the file says that a frame is shown."""
        stamp = frame.dts if frame.pts is None else frame.pts
        return None if stamp is None else stamp * self.time_base

    def frames(self) -> Iterator[av.VideoFrame]:
        """Decoded frames; what cannot be decoded is passed over, and remembered."""
        for packet in self.packets():
            try:
                decoded = self.stream.decode(packet)
            except DAMAGE:
                self.damaged = True
                continue
            for frame in decoded:
                if frame.width * frame.height > MOST_PIXELS:
                    raise PhotoFault(f"frames of {frame.width}x{frame.height}: over 50 megapixels")
                yield frame

    def packets(self) -> Iterator[av.Packet | None]:
        """Packets of the stream, None at the end; reading goes on after what cannot be read."""
        failed = 0
        while failed < TRIES:
            try:
                for packet in self.container.demux(self.stream):
                    if not packet.size:
                        continue
                    failed, self.short = 0, packet.is_corrupt  # only the last one's stays
                    self.damaged |= packet.is_corrupt
                    yield packet
                break
            except DAMAGE:
                failed += 1
                self.damaged = self.short = True
        yield None

    def judge(self, count: int) -> None:
        """Raise a `PhotoFault` if this was not the whole video."""
        recorded = self.container.format.name in RECORDED  # says nowhere how long it is
        self.short |= recorded and self.whole and not self.last_is_whole
        with suppress(*DAMAGE):
            self.short = self.short or cut_short.ends_outside(self.file)
            self.short = self.short or self.index_ends_outside()
        found = f"{count} frame{'' if count == 1 else 's'} could be read" if count else ""
        found = found or "no frame could be read"
        if self.short:
            raise PhotoFault(f"cut short: {found}")
        if count and (self.damaged or not self.whole):
            raise PhotoFault(f"damaged: {found}, but not all of them, or not all of each")
        if not count:
            raise PhotoFault(found)

    def index_ends_outside(self) -> bool:
        """Whether a frame should lie beyond the end of the file."""
        size = cut_short.size_of(self.file)
        return any(entry.pos + entry.size > size for entry in self.stream.index_entries)

    def close(self) -> None:
        self.stack.close()


def open_file(path: str) -> io.RawIOBase:
    """The file, open; FFmpeg never sees its name, which it might take for an address.

    Raises:
        PhotoFault: there is no such file, or it is empty, a folder or a device.
    """
    with inputs.faults_in_words():
        if Path(path).is_dir():
            raise PhotoFault("a folder, not a video")
        inputs.check_kind(path)
        if Path(path).stat().st_size == 0:
            raise PhotoFault("empty file")
        return Path(path).open("rb", buffering=0)


class Nameless:
    """A file without its name."""

    def __init__(self, file: io.RawIOBase):
        self.read, self.seek, self.tell = file.read, file.seek, file.tell


def open_container(file: io.RawIOBase) -> av.container.InputContainer:
    """What FFmpeg finds in a file; a `PhotoFault` if that is no video."""
    how = {"options": OPTIONS, "metadata_errors": "replace", "buffer_size": BUFFER}
    try:
        return av.open(Nameless(file), "r", **how)
    except DAMAGE:
        raise PhotoFault("not a video, or cut short") from None


def why_not(file: io.RawIOBase, fault: str) -> str:
    """Why a file cannot be opened: this fault, or what it comes from."""
    with suppress(*DAMAGE):
        if cut_short.lacks_index(file):
            return "cut short: the table of its frames, which comes last, is missing"
        if cut_short.ends_outside(file):
            return "cut short: no frame could be read"
    with suppress(*DAMAGE):
        kind = Image.open(file, formats=PICTURES).format
        return f"a picture ({kind}) under the name of a video"
    return fault


def best_stream(container: av.container.InputContainer) -> av.VideoStream:
    """The stream that a player shows: no cover picture, and one that can be decoded.

    Raises:
        PhotoFault: there is none.
    """
    shown = [s for s in container.streams.video if not is_cover(s)]
    if not shown:
        raise PhotoFault("only sound in it" if container.streams.audio else "no video in it")
    readable = [s for s in shown if s.codec_context is not None]
    if not readable:
        raise PhotoFault("a kind of video that cannot be read")
    best = container.streams.best("video")
    return best if best in readable else readable[0]


def is_cover(stream: av.VideoStream) -> bool:
    """Whether a stream is a picture that goes with the sound."""
    kinds = av.stream.Disposition
    return bool(stream.disposition & (kinds.attached_pic | kinds.timed_thumbnails))


def picture_of(frame: av.VideoFrame, matrix: np.ndarray | None) -> Image.Image:
    """A frame as it is looked at: upright, 8 bit RGB, what is transparent white.

    Raises:
        PhotoFault: its colours cannot be read.
    """
    transparent = any(c.is_alpha for c in frame.format.components) or frame.format.has_palette
    try:
        pixels = frame.to_ndarray(format="rgba" if transparent else "rgb24")
    except DAMAGE:
        raise PhotoFault(f"colours of a kind that cannot be read ({frame.format.name})") from None
    return to_rgb(Image.fromarray(upright(pixels, matrix)))


def matrix_of(frame: av.VideoFrame) -> np.ndarray | None:
    """How a frame is to be turned: x' = ax + cy, y' = bx + dy, as ((a, b), (c, d)); or None."""
    data = frame.side_data.get(Type.DISPLAYMATRIX)
    return None if data is None else np.frombuffer(bytes(data), np.int32)[:9].reshape(3, 3)[:2, :2]


def upright(pixels: np.ndarray, matrix: np.ndarray | None) -> np.ndarray:
    """Pixels turned by quarters and mirrored, as a phone says how it was held.

    >>> upright(np.array([[1, 2], [3, 4]]), np.array([[0, 1], [-1, 0]])).tolist()
    [[3, 1], [4, 2]]
    """
    if matrix is None:
        return pixels
    (a, b), (c, d) = matrix.astype(float)
    across, down = a, d
    if abs(b) + abs(c) > abs(a) + abs(d):
        pixels, across, down = pixels.swapaxes(0, 1), c, b
    if across < 0:
        pixels = pixels[:, ::-1]
    return np.ascontiguousarray(pixels[::-1] if down < 0 else pixels)
