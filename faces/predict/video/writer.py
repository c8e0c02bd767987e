"""A video of pictures, each at its moment, through PyAV (FFmpeg)."""

from contextlib import ExitStack
from fractions import Fraction
from pathlib import Path

import av
from PIL import Image

from faces.core import files
from faces.predict.video.shots import Shot

LONGEST = 16384  # pixels of a side, of H.264
FINEST = 1_000_000  # parts of a second; an MP4 counts up to 2^32 of them to the next frame
LONGEST_GAP = 2**31 - 1  # of those parts
# The source's moments are kept as they are: no frame is shown before one that comes later.
H264 = {"preset": "veryfast", "crf": "20", "bf": "0"}


class Writer:
    """An MP4 of pictures of one size; without a path, or a picture, nothing is written.

    It gets its name when it is closed, so that a name never holds half a video.

    Args:
        time_base: seconds that moments are counted in.
    """

    def __init__(self, path: Path | None, time_base: Fraction):
        self.path = path
        exact = time_base.numerator == 1 and time_base.denominator <= FINEST
        self.time_base = time_base if exact else Fraction(1, 90_000)
        self.container, self.last, self.lasts = None, -1, {}
        self.stack, self.error = ExitStack(), None

    def write(self, picture: Image.Image, shot: Shot) -> None:
        """Add a picture, to be shown as long as the shot is.

        Raises:
            OSError: the file cannot be written.
        """
        try:
            if self.container is None:
                self.open(picture.size)
            frame = av.VideoFrame.from_image(fitted(picture, self.size))
            frame.time_base, frame.pts = self.time_base, self.tick(shot.seconds)
            self.lasts[frame.pts] = self.ticks(shot.lasts)
            self.mux(frame)
        except (av.FFmpegError, OSError) as error:
            self.error = OSError(f"{self.path} cannot be written ({error.strerror})")
            raise self.error from error

    def open(self, size: tuple[int, int]) -> None:
        self.size = even(size)
        unfinished = self.stack.enter_context(files.replacing(self.path))
        # FFmpeg never sees the name, which it might take for an address.
        file = self.stack.enter_context(unfinished.open("wb"))
        self.container = av.open(file, "w", format="mp4")
        self.stream = self.container.add_stream("libx264", rate=25, options=H264)
        self.stream.width, self.stream.height = self.size
        self.stream.pix_fmt = "yuv420p"  # what every player shows
        self.stream.time_base = self.stream.codec_context.time_base = self.time_base

    def tick(self, seconds: Fraction) -> int:
        """A moment in parts of the time base: later than the last, and not too much."""
        earliest = self.last + 1
        self.last = min(max(self.ticks(seconds), earliest), earliest + LONGEST_GAP - 1)
        return self.last

    def ticks(self, seconds: Fraction) -> int:
        return round(seconds / self.time_base)

    def mux(self, frame: av.VideoFrame | None) -> None:
        for packet in self.stream.encode(frame):
            packet.duration = min(max(self.lasts.pop(packet.pts, 1), 1), LONGEST_GAP)
            self.container.mux(packet)

    def close(self) -> None:
        """Finish the video, also when it ends early.

        Raises:
            OSError: the file cannot be written.
        """
        with self.stack:
            if self.error:
                raise self.error  # so that what there is of it is removed
            if self.container is not None:
                try:
                    self.mux(None)
                    self.container.close()
                except (av.FFmpegError, OSError) as error:
                    raise OSError(f"{self.path} cannot be written ({error.strerror})") from error


def even(size: tuple[int, int]) -> tuple[int, int]:
    """The size of the video for pictures of this size: H.264 has even sides.

    >>> even((161, 120)), even((1, 40000))
    ((162, 120), (2, 16384))
    """
    shrunk = min(1.0, LONGEST / max(size))
    width, height = (max(1, int(side * shrunk)) for side in size)
    return width + width % 2, height + height % 2


def fitted(picture: Image.Image, size: tuple[int, int]) -> Image.Image:
    """The picture in one of this size; reduced or enlarged if it is another, on black."""
    if picture.size == size:
        return picture
    if even(picture.size) != size or max(picture.size) > LONGEST:
        scale = min(size[0] / picture.width, size[1] / picture.height)
        picture = picture.resize([max(1, int(side * scale)) for side in picture.size])
    canvas = Image.new("RGB", size)
    canvas.paste(picture)
    return canvas
