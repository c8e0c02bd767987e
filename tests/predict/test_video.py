import gc
import json
from contextlib import closing
from fractions import Fraction

import av
import cv2
import numpy as np
import pytest
from PIL import Image, ImageOps

from faces.drawing.overlay import path_of
from faces.predict.video import camera
from faces.predict.video import file as video_file
from faces.predict.video import lines as video
from faces.predict.video.shots import Shot
from tests.predict.clips import KINDS, MS, moving, save

# Stands for a search: one face whose box is the picture's size, so that frames can be told apart.
FACE = {"gender": {"label": "dark", "probability": 0.9}, "keypoints": {"nose_tip": [9.0, 9.0]}}


class Sized:
    """A follower that finds one face in each frame."""

    def answer(self, picture, _):
        return [{"track": 1, "box": [0, 0, *picture.size], **FACE}]


AHEAD = 3  # frames that may be made before one is answered
MANY = 43  # frames
VFR = [i / 30 for i in range(10)] + [5 + i / 2 for i in range(5)]


def lines_of(source, overlay=None, most=None) -> list[dict]:
    lines = list(video.answers(source, Sized(), overlay, most))
    json.dumps(lines, allow_nan=False)
    assert [line["frame"] for line in lines] == list(range(len(lines)))
    moments = [line["seconds"] for line in lines if line["error"] is None]
    assert moments == sorted(moments)
    return lines


def whole(source, overlay=None) -> list[dict]:
    """Lines of a video with which nothing is wrong."""
    lines = lines_of(source, overlay)
    assert [line["error"] for line in lines] == [None] * len(lines)
    return lines


def cut(source, overlay=None) -> tuple[list[dict], str]:
    """Lines of a video with which something is wrong, and what."""
    *lines, last = lines_of(source, overlay)
    assert not any(line["error"] for line in lines) and last["error"]
    assert last["faces"] == [] and last["seconds"] is None
    return lines, last["error"]


def seconds(lines) -> list[float]:
    return [line["seconds"] for line in lines]


def readable(path) -> int:
    """Frames that OpenCV can read: it uses another FFmpeg, in another way."""
    capture, count = cv2.VideoCapture(str(path)), 0
    while capture.read()[0]:
        count += 1
    return count


def pictures_of(path) -> list[np.ndarray]:
    with closing(video_file.VideoFile(str(path))) as opened:
        return [np.asarray(shot.picture, int) for shot in opened.shots()]


@pytest.mark.parametrize("kind", KINDS)
def test_every_frame_of_a_video_much_longer_than_a_batch_has_a_line(kind, tmp_path):
    lines = whole(save(tmp_path / kind, moving(MANY), kind))
    assert len(lines) == MANY
    assert seconds(lines) == pytest.approx([i / 25 for i in range(MANY)], abs=0.002)
    assert lines[0]["faces"][0]["box"] == [0, 0, 64, 80]


def test_every_frame_is_drawn(tmp_path):
    drawn = tmp_path / "out" / "drawn.mp4"
    pictures = moving(MANY, (160, 120))
    whole(save(tmp_path / "clip.mp4", pictures), drawn)
    frames = pictures_of(drawn)
    assert len(frames) == MANY == readable(drawn)
    for i in (0, 20, MANY - 1):  # each at its place, with a box of red
        assert abs(frames[i] - np.asarray(pictures[i], int))[20:-20, 20:].mean() < 12
        assert (frames[i][..., 0] - frames[i][..., 2])[:, 0].max() > 60


def test_no_more_frames_than_asked_for(tmp_path):
    clip = save(tmp_path / "clip.mp4", moving(12))
    assert len(lines_of(clip, most=5)) == 5 and lines_of(clip, most=0) == []


class FakeCamera:
    def __init__(self, frames):
        self.left = frames

    def isOpened(self):  # noqa: N802 (OpenCV's name)
        return True

    def read(self):
        self.left -= 1
        return self.left >= 0, np.full((40, 60, 3), (0, 0, 200), np.uint8)

    def release(self):
        pass


@pytest.fixture
def fake(monkeypatch):
    monkeypatch.setattr(camera.cv2, "VideoCapture", lambda _: FakeCamera(MANY))
    now = iter(np.arange(1000) * 0.5)
    monkeypatch.setattr(camera.time, "monotonic", lambda: 70.0 + next(now))


def test_every_frame_of_a_camera_has_a_line_until_it_is_pulled_out(fake, tmp_path):
    lines, error = cut(3, tmp_path / "drawn.mp4")
    assert len(lines) == MANY and lines[0]["path"] == "camera 3"
    assert f"no more frames after {MANY}" in error
    assert seconds(lines) == [i / 2 for i in range(MANY)]  # when they came
    assert seconds(whole(str(tmp_path / "drawn.mp4"))) == seconds(lines)
    red, _, blue = pictures_of(tmp_path / "drawn.mp4")[0][20, 30]
    assert red > 150 and blue < 60


def test_a_camera_that_goes_on_is_read_no_further_than_asked_for(fake):
    assert len(lines_of(0, most=MANY - 1)) == MANY - 1


def test_a_camera_that_is_not_there_is_named():
    assert "no camera 97" in cut(97)[1]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty file"),
        (b"no video at all" * 99, "not a video"),
        (None, "no such file"),
        ("folder", "a folder"),
    ],
)
def test_what_is_no_video_is_a_line_in_words(tmp_path, content, reason):
    path = tmp_path / "bad.mp4"
    if content == "folder":
        path.mkdir()
    elif content is not None:
        path.write_bytes(content)
    lines, error = cut(str(path), tmp_path / "drawn.mp4")
    assert reason in error and lines == [] and not (tmp_path / "drawn.mp4").exists()


@pytest.mark.parametrize(
    "kind", [k for k in KINDS if k.split(".")[1] in ("mp4", "mov", "avi", "mkv", "webm", "ts")]
)
def test_a_video_that_is_cut_short_gives_the_frames_it_has_and_then_says_so(kind, tmp_path):
    path = tmp_path / kind
    save(path, moving(MANY), kind)
    data = path.read_bytes()
    for share in (0.35, 0.62, 0.83, 0.97):
        path.write_bytes(data[: int(len(data) * share) // 188 * 188 + 94])  # in a packet of a ts
        lines, error = cut(str(path))
        assert "cut short" in error and len(lines) >= readable(path)


@pytest.mark.parametrize("kind", ["faststart.mp4", "mjpeg.avi", "h264.mkv", "vp9.webm"])
def test_a_cut_between_two_frames_is_seen_too(kind, tmp_path):
    path = tmp_path / kind
    save(path, moving(MANY), kind)
    with av.open(str(path)) as opened:
        packets = [p for p in opened.demux(video=0) if p.size]
    data = path.read_bytes()
    place = next(data.index(bytes(p)) for p in packets[20:] if data.count(bytes(p)) == 1)
    path.write_bytes(data[: place - 16 if kind.endswith("webm") else place])
    lines, error = cut(str(path))
    assert "cut short" in error and 15 <= len(lines) <= 20


def test_what_is_drawn_of_a_video_that_is_cut_short_is_kept(tmp_path):
    path = tmp_path / "clip.avi"
    save(path, moving(MANY), "mjpeg.avi")
    path.write_bytes(path.read_bytes()[:-30_000])
    lines, _ = cut(str(path), tmp_path / "drawn.mp4")
    assert len(whole(str(tmp_path / "drawn.mp4"))) == len(lines) > 0


def test_frames_after_a_damaged_one_are_answered(tmp_path):
    path = tmp_path / "clip.avi"
    save(path, moving(MANY), "mjpeg.avi")
    with av.open(str(path)) as opened:
        spoiled = bytes([p for p in opened.demux(video=0) if p.size][MANY // 2])
    path.write_bytes(path.read_bytes().replace(spoiled, bytes(len(spoiled))))
    lines, error = cut(str(path))
    assert len(lines) == MANY - 1 and error.startswith(f"damaged: {MANY - 1} frames")
    assert seconds(lines)[-1] == pytest.approx((MANY - 1) / 25)


def test_a_packet_that_cannot_be_read_costs_no_other(tmp_path, monkeypatch):
    clip = save(tmp_path / "clip.avi", moving(MANY), "mjpeg.avi")
    demux, failed = av.container.InputContainer.demux, []

    class Slips:
        def __init__(self, container):
            self.container = container

        def __getattr__(self, name):
            return getattr(self.container, name)

        def demux(self, stream):
            for number, packet in enumerate(demux(self.container, stream)):
                yield packet
                if number == 20 and not failed:
                    failed.append(True)
                    raise av.error.InvalidDataError(1, "a slip")

    opened = video_file.open_container
    monkeypatch.setattr(video_file, "open_container", lambda file: Slips(opened(file)))
    monkeypatch.setattr(Slips, "__enter__", lambda self: self, raising=False)
    monkeypatch.setattr(Slips, "__exit__", lambda self, *_: None, raising=False)
    lines, error = cut(clip)
    assert len(lines) == MANY and "damaged" in error


@pytest.mark.parametrize("kind", ["h264.mp4", "h264.mkv", "vp9.webm", "mpeg4.mp4"])
def test_moments_are_those_of_the_frames_and_the_drawn_video_keeps_them(kind, tmp_path):
    lines = whole(save(tmp_path / kind, moving(15), kind, VFR, time_base=MS), tmp_path / "out.mp4")
    assert seconds(lines) == pytest.approx(VFR, abs=0.001)
    assert seconds(whole(str(tmp_path / "out.mp4"))) == pytest.approx(VFR, abs=0.001)


@pytest.mark.parametrize("rate", [0.1, 0.5, 300, 1000])
def test_a_frame_in_ten_seconds_and_a_thousand_in_one_keep_their_pace(rate, tmp_path):
    times = [i / rate for i in range(12)]
    clip = save(tmp_path / "clip.mp4", moving(12), times=times, time_base=MS / 10)
    assert seconds(whole(clip, tmp_path / "out.mp4")) == pytest.approx(times, abs=1e-4)
    assert seconds(whole(str(tmp_path / "out.mp4"))) == pytest.approx(times, abs=1e-4)
    with av.open(str(tmp_path / "out.mp4")) as drawn:  # the last frame is shown too
        assert 0 < drawn.duration / 1e6 - times[-1] <= 1.01 * max(times[1], 0.04)


def test_moments_count_from_the_first_that_is_shown(tmp_path):
    later = [7 + i / 25 for i in range(10)]
    for kind in ("h264.mkv", "h264.ts"):
        clip = save(tmp_path / kind, moving(10), kind, later, time_base=MS)
        assert seconds(whole(clip))[:2] == pytest.approx([0, 0.04], abs=0.001)


@pytest.mark.parametrize("codec", ["mpeg4", "libx264"])
def test_a_video_trimmed_by_an_edit_list_is_whole(codec, tmp_path):
    long = save(tmp_path / "long.mp4", moving(30), codec=codec)
    with av.open(long) as source, av.open(str(tmp_path / "trim.mp4"), "w") as out:
        stream = source.streams.video[0]
        copy = out.add_stream_from_template(stream)
        hidden = int(18 / 25 / stream.time_base)
        for packet in source.demux(stream):
            if packet.dts is not None:
                packet.pts, packet.dts, packet.stream = (
                    packet.pts - hidden,
                    packet.dts - hidden,
                    copy,
                )
                out.mux(packet)
    lines = whole(str(tmp_path / "trim.mp4"))
    assert len(lines) == 12 and seconds(lines)[:2] == pytest.approx([0, 0.04], abs=0.001)


def test_a_wrong_number_of_frames_in_the_header_is_not_believed(tmp_path):
    path = tmp_path / "clip.avi"
    save(path, moving(MANY), "mjpeg.avi")
    data = path.read_bytes()
    assert data.count(MANY.to_bytes(4, "little"), 0, 400) == 2
    path.write_bytes(data[:400].replace(MANY.to_bytes(4, "little"), b"\xe8\3\0\0") + data[400:])
    assert len(whole(str(path))) == MANY


def test_a_recording_that_begins_between_two_frames_is_whole(tmp_path):
    path = tmp_path / "clip.ts"
    save(path, moving(MANY), "h264.ts")
    data = path.read_bytes()
    header = data[: 3 * 188]  # what programmes there are
    path.write_bytes(header + data[188 * (len(data) // 188 // 3) :])
    assert MANY / 3 < len(whole(str(path))) < MANY


def test_recordings_that_were_joined_go_on_and_may_change_their_size(tmp_path):
    first = save(tmp_path / "a.ts", moving(40), "h264.ts")
    second = save(tmp_path / "b.ts", moving(40, (128, 96)), "h264.ts")
    both = tmp_path / "both.ts"
    both.write_bytes(b"".join((tmp_path / name).read_bytes() for name in ("a.ts", "b.ts")))
    assert first != second
    lines = [line for line in lines_of(str(both), tmp_path / "out.mp4") if not line["error"]]
    assert len(lines) == 80 == len(whole(str(tmp_path / "out.mp4")))
    assert [line["faces"][0]["box"] for line in lines] == [[0, 0, 64, 80]] * 40 + [
        [0, 0, 128, 96]
    ] * 40
    steps = np.diff(seconds(lines))
    assert steps.max() < 0.2 and steps.min() > 0.03


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("turned", [0, 90, 180, 270])
def test_a_video_is_upright_as_the_phone_says_it_was_held(turned, mirrored, tmp_path):
    upright = Image.new("RGB", (96, 64), (200, 30, 30))
    upright.paste((30, 30, 200), (0, 0, 48, 32))  # blue at the top left, for both axes
    upright.paste((30, 200, 30), (48, 0, 96, 32))
    lies = ImageOps.mirror(upright) if mirrored else upright
    lies = lies.rotate(-turned, expand=True)
    clip = save(
        tmp_path / "phone.mp4",
        [lies] * 3,
        change=lambda stream: stream.set_display_rotation(turned, hflip=mirrored),
    )
    lines = whole(clip, tmp_path / "out.mp4")
    assert lines[0]["faces"][0]["box"][2:] == [96, 64]
    for path in (clip, tmp_path / "out.mp4"):
        frame = pictures_of(path)[0][16:-8:24, 24::48]
        assert abs(frame - np.asarray(upright, int)[16:-8:24, 24::48]).max() < 40


@pytest.mark.parametrize(
    "name",
    ["12:30.mp4", "http:x.mp4", "-.mp4", "pipe:0.mp4", "a%d.mp4", "영상 1.mp4", "concat:a|b.mp4"],
)
def test_a_path_is_a_path(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    save(tmp_path / "clip.mp4", moving(3))
    (tmp_path / "clip.mp4").rename(name)
    assert len(whole(name, path_of(tmp_path / "out:1", 0, name, ".mp4"))) == 3
    assert len(list((tmp_path / "out:1").iterdir())) == 1


@pytest.mark.parametrize(
    "words",
    [
        "ffconcat version 1.0\nfile secret.mp4\n",
        "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nsecret.mp4\n#EXT-X-ENDLIST\n",
        "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 9 RTP/AVP 96\n",
        '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011"/>',
    ],
)
def test_a_list_of_other_files_opens_none(words, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    save(tmp_path / "secret.mp4", moving(3))
    (tmp_path / "list.mp4").write_text(words)
    lines, error = cut("list.mp4")
    assert lines == [] and "not a video" in error


@pytest.mark.parametrize("size", [(1, 40), (40, 1), (1, 1), (31, 33), (161, 120)])
def test_frames_of_any_size_are_answered_and_drawn(size, tmp_path):
    pictures = [Image.new("RGB", size, (90, 120, 150))] * 3
    clip = save(tmp_path / "clip.mov", pictures, "hevc.mov", codec="png", pixels="rgb24")
    assert [line["faces"][0]["box"][2:] for line in whole(clip, tmp_path / "o.mp4")] == [
        [*size]
    ] * 3
    drawn = pictures_of(tmp_path / "o.mp4")
    assert len(drawn) == 3 and drawn[0].shape == (size[1] + size[1] % 2, size[0] + size[0] % 2, 3)


@pytest.mark.parametrize(
    ("codec", "pixels"),
    [
        ("libx264", "yuv420p10le"),
        ("libx264", "yuv444p"),
        ("ffv1", "gray16le"),
        ("ffv1", "rgb48le"),
        ("prores_ks", "yuva444p10le"),
        ("qtrle", "argb"),
    ],
)
def test_pixels_of_any_format_are_read_as_they_look(codec, pixels, tmp_path):
    kind = "ffv1.mkv" if codec == "ffv1" else "hevc.mov"
    pictures = moving(4)
    frames = pictures_of(save(tmp_path / "clip", pictures, kind, codec=codec, pixels=pixels))
    expected = pictures[2].convert("L").convert("RGB") if "gray" in pixels else pictures[2]
    assert len(frames) == 4 and abs(frames[2] - np.asarray(expected, int)).mean() < 12


def test_what_is_transparent_is_white(tmp_path):
    clear = Image.new("RGBA", (64, 64), (0, 0, 0, 0))
    clear.paste((255, 0, 0, 255), (0, 0, 32, 64))
    for name, kind in (("clip.gif.mp4", "GIF"), ("clip.png.mp4", "PNG")):
        more = [clear.rotate(180), clear.rotate(90)]
        clear.save(
            tmp_path / name, kind, save_all=True, append_images=more, duration=200, disposal=2
        )
        assert seconds(whole(str(tmp_path / name))) == pytest.approx([0, 0.2, 0.4])
        assert (
            pictures_of(tmp_path / name)[0][30, [10, 50]] == [[255, 0, 0], [255, 255, 255]]
        ).all()


@pytest.mark.parametrize("kind", ["WEBP", "JPEG"])
def test_a_photo_under_the_name_of_a_video_is_named(kind, tmp_path):
    moving(1)[0].save(tmp_path / "photo.mp4", kind)
    assert f"a picture ({kind})" in cut(str(tmp_path / "photo.mp4"))[1]


def with_sound(path, pictures=(), late=0.0, cover=None) -> str:
    """An MP4 with a second of silence, beside pictures that begin later, or a cover."""
    with av.open(str(path), "w") as out:
        if cover:
            face = out.add_stream("mjpeg", rate=1)
            face.width, face.height, face.pix_fmt = *cover.size, "yuvj420p"
            face.disposition = av.stream.Disposition.attached_pic
        if pictures:
            shown = out.add_stream("libx264", rate=25)
            shown.width, shown.height, shown.pix_fmt = *pictures[0].size, "yuv420p"
        sound = out.add_stream("aac", rate=44100)
        if cover:
            out.mux(face.encode(av.VideoFrame.from_image(cover)))
        for i, picture in enumerate(pictures):
            frame = av.VideoFrame.from_image(picture)
            frame.pts, frame.time_base = i + round(25 * late), Fraction(1, 25)
            out.mux(shown.encode(frame))
        out.mux(shown.encode(None) if pictures else [])
        for i in range(43):
            silence = av.AudioFrame.from_ndarray(np.zeros((2, 1024), np.float32), "fltp", "stereo")
            silence.rate, silence.pts = 44100, 1024 * i
            out.mux(sound.encode(silence))
        out.mux(sound.encode(None))
    return str(path)


def test_sound_alone_has_no_frames_with_a_cover_neither(tmp_path):
    assert "only sound" in cut(with_sound(tmp_path / "a.mp4"))[1]
    assert "only sound" in cut(with_sound(tmp_path / "b.mp4", cover=moving(1)[0]))[1]


def test_the_video_is_read_and_not_its_cover(tmp_path):
    cover = Image.new("RGB", (640, 480))
    lines = whole(with_sound(tmp_path / "a.mp4", moving(5), cover=cover))
    assert len(lines) == 5 and lines[0]["faces"][0]["box"][2:] == [64, 80]


def test_pictures_that_begin_after_the_sound_keep_their_distance_from_it(tmp_path):
    lines = whole(with_sound(tmp_path / "a.mp4", moving(5), late=0.48))
    assert seconds(lines)[0] == pytest.approx(0.48, abs=0.03)


def test_of_several_streams_one_is_answered(tmp_path):
    with av.open(str(tmp_path / "two.mkv"), "w") as out:
        streams = [out.add_stream("mpeg4", rate=25) for _ in range(2)]
        for stream, size in zip(streams, [(64, 48), (96, 64)], strict=True):
            stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        for picture in moving(6, (96, 64)):
            for stream in streams:
                out.mux(stream.encode(av.VideoFrame.from_image(picture)))
        for stream in streams:
            out.mux(stream.encode(None))
    lines = whole(str(tmp_path / "two.mkv"))
    assert len(lines) == 6 and len({tuple(line["faces"][0]["box"]) for line in lines}) == 1


def test_a_video_without_frames_says_so(tmp_path):
    save(tmp_path / "clip.mp4", moving(3), "fragments.mp4")
    data = (tmp_path / "clip.mp4").read_bytes()
    (tmp_path / "clip.mp4").write_bytes(data[: data.index(b"moof") - 4])
    lines, error = cut(str(tmp_path / "clip.mp4"), tmp_path / "drawn.mp4")
    assert lines == [] and error and not (tmp_path / "drawn.mp4").exists()


def test_frames_larger_than_a_photo_may_be_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(video_file, "MOST_PIXELS", 64 * 80 - 1)
    assert "over 50 megapixels" in cut(save(tmp_path / "clip.mp4", moving(3)))[1]


class Endless:
    """A video of two hours, of which few frames may be held at a time."""

    time_base, announced, made = Fraction(1, 25), None, 0

    def __init__(self, _):
        pass

    def shots(self):
        for i in range(2 * 3600):
            Endless.made = i + 1
            yield Shot(PIXEL, Fraction(i))

    def close(self):
        pass


PIXEL = Image.new("RGB", (1, 1))


def test_of_a_video_of_two_hours_few_frames_are_held(monkeypatch):
    monkeypatch.setattr(video, "VideoFile", Endless)
    for count, line in enumerate(video.answers("long.mp4", Sized(), None, None)):
        assert line["frame"] == count and line["seconds"] == count
        assert Endless.made - count <= AHEAD
    assert Endless.made == 7200


def test_what_was_drawn_before_an_early_end_is_a_video(tmp_path):
    clip = save(tmp_path / "clip.mp4", moving(MANY))
    with closing(video.answers(clip, Sized(), tmp_path / "out.mp4", None)) as lines:
        for _ in range(20):
            next(lines)
    assert len(whole(str(tmp_path / "out.mp4"))) == 20


def test_a_drawn_video_that_cannot_be_written_leaves_nothing_behind(tmp_path, monkeypatch):
    clip = save(tmp_path / "clip.mp4", moving(MANY))
    (tmp_path / "file").write_text("x")
    with pytest.raises(OSError):
        lines_of(clip, tmp_path / "file" / "out.mp4")

    def full(*_):
        raise OSError(28, "No space left on device")

    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "out.mp4").write_text("an earlier one")
    monkeypatch.setattr(video.Writer, "mux", full)
    with pytest.raises(OSError, match="No space left"):
        lines_of(clip, tmp_path / "out" / "out.mp4")
    assert [p.read_text() for p in (tmp_path / "out").iterdir()] == ["an earlier one"]


@pytest.mark.parametrize("name", ["x" * 251 + ".mp4", "영" * 83 + ".mp4", "a\udcff.mp4"])
def test_the_name_of_a_drawn_video_is_one_that_a_file_can_have(name, tmp_path):
    named = path_of(tmp_path, 7, name, ".mp4").name
    assert named.startswith("0007-") and named.endswith(".mp4")
    (tmp_path / f".{named}.unfinished").write_text("x")


def test_frames_are_let_go_without_pythons_search_for_cycles(tmp_path):
    clip = save(tmp_path / "clip.mp4", moving(MANY), change=lambda s: s.set_display_rotation(90))
    whole(clip)
    gc.collect()
    gc.disable()
    try:
        whole(clip)
        left = [thing for thing in gc.get_objects() if isinstance(thing, av.VideoFrame)]
    finally:
        gc.enable()
    assert len(left) <= 1
