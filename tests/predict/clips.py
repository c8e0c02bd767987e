"""Small videos, made in the test that reads them."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from PIL import Image

MS = Fraction(1, 1000)
# What a video of each ending is mostly made of; a few more as they come from cameras and tools.
KINDS = {
    "h264.mp4": ("mp4", "libx264", {}),
    "faststart.mp4": ("mp4", "libx264", {"movflags": "faststart"}),
    "fragments.mp4": ("mp4", "libx264", {"movflags": "frag_keyframe+empty_moov"}),
    "mpeg4.mp4": ("mp4", "mpeg4", {}),
    "hevc.mov": ("mov", "libx265", {}),
    "mpeg4.avi": ("avi", "mpeg4", {}),
    "mjpeg.avi": ("avi", "mjpeg", {}),
    "h264.mkv": ("matroska", "libx264", {}),
    "ffv1.mkv": ("matroska", "ffv1", {}),
    "vp8.webm": ("webm", "libvpx", {}),
    "vp9.webm": ("webm", "libvpx-vp9", {}),
    "h264.ts": ("mpegts", "libx264", {}),
    "mpeg2.mpg": ("mpeg", "mpeg2video", {}),
    "flv1.flv": ("flv", "flv", {}),
    "wmv2.wmv": ("asf", "wmv2", {}),
    "plain.gif": ("gif", "gif", {}),
}
CODECS = {  # quick, and a frame that others need every six
    "libx264": {"preset": "ultrafast", "g": "6", "bf": "2"},
    "libx265": {"preset": "ultrafast", "x265-params": "log-level=none:keyint=6"},
    "libvpx": {"deadline": "realtime", "cpu-used": "8", "g": "6"},
    "libvpx-vp9": {"deadline": "realtime", "cpu-used": "8", "g": "6"},
}
FORMATS = {"mjpeg": "yuvj420p", "gif": "rgb8", "qtrle": "argb", "apng": "rgba"}


def moving(number: int, size=(64, 80)) -> list[Image.Image]:
    """Pictures in which a bright bar goes down, so that each is told from the others."""
    pictures = []
    for i in range(number):
        pixels = np.full((size[1], size[0], 3), 40, np.uint8)
        pixels[i * size[1] // number :][:6] = (200, 120, 60)
        pixels[::8, ::8] += np.uint8(3 * i % 50)
        pictures.append(Image.fromarray(pixels))
    return pictures


def save(
    path: Path,
    pictures: list[Image.Image],
    kind="h264.mp4",
    times=None,
    codec=None,
    pixels=None,
    time_base=None,
    change=lambda stream: None,
) -> str:
    """Save a video of pictures; its path.

    Args:
        kind: one of KINDS.
        times: seconds at which each is shown; 25 a second, if None.
        codec, pixels: another codec, another format of pixels than the kind's.
        change: what else is set of the stream.
    """
    container, usual, options = KINDS[kind]
    codec = codec or usual
    with av.open(f"file:{path}", "w", format=container, options=options) as out:
        stream = out.add_stream(codec, rate=25, options=CODECS.get(codec, {"g": "6"}))
        stream.width, stream.height = pictures[0].size
        stream.pix_fmt = pixels or FORMATS.get(codec, "yuv420p")
        if time_base:
            stream.time_base = stream.codec_context.time_base = time_base
        change(stream)
        base = time_base or Fraction(1, 25)
        times = times or [Fraction(i, 25) for i in range(len(pictures))]
        for picture, moment in zip(pictures, times, strict=True):
            frame = av.VideoFrame.from_image(picture)
            frame.time_base, frame.pts = base, round(Fraction(moment) / base)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return str(path)
