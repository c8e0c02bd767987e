"""Videos at random: damaged, cut, with other numbers in their headers, shown at odd moments.

Each frame that is answered has its moment, and what is wrong is said in a line after them.
"""

import faulthandler
import json
import math
import tempfile
from contextlib import closing
from fractions import Fraction
from functools import cache
from pathlib import Path

import av
import pytest
from hypothesis import given
from hypothesis import strategies as st

from faces.predict.video import lines as video
from faces.predict.video.file import VideoFile
from tests.helpers.fuzzing import changes, damaged, often, readable_errors_only
from tests.predict.clips import KINDS, moving, save

pytestmark = pytest.mark.fuzz
HANGS = 120  # seconds, after which the process ends: a loop in FFmpeg hears no signal
FRAMES = 20
kinds = st.sampled_from(sorted(KINDS))


class Nobody:
    """A follower that finds nobody."""

    def answer(self, picture, seconds):
        return []


@cache
def sound(kind: str) -> bytes:
    """A video of this kind with which nothing is wrong."""
    with tempfile.TemporaryDirectory() as folder:
        return Path(save(Path(folder) / kind, moving(FRAMES), kind)).read_bytes()


def check(data: bytes, draw: bool) -> None:
    """Answer for a video as predict does, and look at what comes."""
    with tempfile.TemporaryDirectory() as folder, readable_errors_only():
        path, drawn = Path(folder) / "clip.mp4", Path(folder) / "drawn.mp4"
        path.write_bytes(data)
        faulthandler.dump_traceback_later(HANGS, exit=True)
        try:
            lines = list(video.answers(str(path), Nobody(), drawn if draw else None, None))
        finally:
            faulthandler.cancel_dump_traceback_later()
        faults = [line["error"] for line in lines if line["error"]]
        assert lines and [line["frame"] for line in lines] == list(range(len(lines)))
        assert faults == [lines[-1]["error"]] * len(faults) and len(faults) <= 1
        assert all(0 < len(fault) < 200 and fault.isprintable() for fault in faults)
        moments = [line["seconds"] for line in lines[: len(lines) - len(faults)]]
        assert all(math.isfinite(m) and m >= 0 for m in moments) and moments == sorted(moments)
        json.dumps(lines, allow_nan=False)
        assert drawn.exists() == (draw and bool(moments))
        if drawn.exists():
            with closing(VideoFile(str(drawn))) as again:
                assert sum(1 for _ in again.shots()) == len(moments)


@often
@given(kinds, changes, st.booleans())
def test_a_damaged_video(kind, changes, draw):
    check(damaged(sound(kind), changes), draw)


@often
@given(kinds, st.floats(0, 1), st.booleans())
def test_a_video_that_is_cut_short(kind, share, draw):
    check(sound(kind)[: int(share * len(sound(kind)))], draw)


wild = st.sampled_from([0, 1, 2, 255, 256, 2**15, 2**16, 2**24, 2**31 - 1, 2**31, 2**32 - 1])
fields = st.tuples(st.floats(0, 1), st.booleans(), wild, st.sampled_from(["big", "little"]))


@often
@given(kinds, st.lists(fields, min_size=1, max_size=3), st.booleans())
def test_other_numbers_in_headers_and_tables(kind, fields, draw):
    data = bytearray(sound(kind))
    for share, at_end, value, order in fields:
        at = int(share * min(1500, len(data) - 4))
        at = len(data) - 4 - at if at_end else at
        data[at : at + 4] = value.to_bytes(4, order)
    check(bytes(data), draw)


moments = st.lists(st.integers(0, 2**33), min_size=2, max_size=12, unique=True).map(sorted)
bases = st.tuples(st.integers(1, 1001), st.integers(1, 2**20)).map(lambda pair: Fraction(*pair))
holds = st.sampled_from(["mp4", "mov", "matroska", "avi", "mpegts", "nut", "flv"])


@often
@given(holds, moments, bases, st.integers(-(2**20), 2**20), st.floats(0.5, 2), st.booleans())
def test_moments_at_random_in_any_time_base(container, moments, base, shift, share, draw):
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "source.mkv"
        save(source, moving(len(moments)), "h264.mkv", codec="mpeg4")
        path = Path(folder) / "clip"
        try:
            with av.open(str(source)) as opened, av.open(str(path), "w", format=container) as out:
                copy = out.add_stream_from_template(opened.streams.video[0])
                copy.time_base = base
                packets = [p for p in opened.demux(video=0) if p.size]
                for packet, moment in zip(packets, moments, strict=True):
                    packet.pts = packet.dts = moment + shift
                    packet.time_base, packet.stream = base, copy
                    out.mux(packet)
        except (av.FFmpegError, OverflowError):
            pass  # what a container cannot hold; what is there of it is a damaged video
        data = path.read_bytes()
        check(data[: int(share * len(data))] or b"x", draw)
