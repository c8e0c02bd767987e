import numpy as np
import pytest
from PIL import Image

from stages.faces import video
from stages.photos import PhotoFault
from tests.faces.conftest import dotted

# Stands for a search: one face whose box is the picture's size, so that frames can be told apart.
FACE = {"gender": {"label": "dark", "probability": 0.9}, "keypoints": {"nose_tip": [9.0, 9.0]}}
WAY = (
    lambda picture, _: picture,
    lambda pictures, _: [[{"box": [0, 0, *p.size], **FACE}] for p in pictures],
)


@pytest.fixture
def clip(tmp_path):
    writer = video.Writer(tmp_path / "clip.mp4", 10.0)
    for i in range(12):
        writer.write(dotted((160, 120), (40.0 + 5 * i, 50.0, 30.0)))
    writer.close()
    return tmp_path / "clip.mp4"


def test_every_frame_has_a_line_and_is_drawn(clip, tmp_path):
    drawn = tmp_path / "out" / "drawn.mp4"
    lines = list(video.answers(str(clip), None, WAY, drawn, None))
    assert [line["frame"] for line in lines] == list(range(12))
    assert [line["seconds"] for line in lines[:3]] == [0, 0.1, 0.2]
    assert lines[0]["faces"][0]["box"] == [0, 0, 160, 120] and not any(x["error"] for x in lines)
    frames = list(video.Capture(str(drawn)).frames(None))
    assert len(frames) == 12 and frames[0].size == (160, 120)
    red = np.asarray(frames[5], int)
    assert (red[..., 0] - red[..., 2]).max() > 60  # the box


def test_no_more_frames_than_asked_for(clip):
    assert len(list(video.answers(str(clip), None, WAY, None, 5))) == 5


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"", "empty file"), (b"no video at all" * 99, "not a video"), (None, "no such file")],
)
def test_what_is_no_video_is_a_line_in_words(tmp_path, content, reason):
    path = tmp_path / "bad.mp4"
    if content is not None:
        path.write_bytes(content)
    (line,) = video.answers(str(path), None, WAY, tmp_path / "drawn.mp4", None)
    assert reason in line["error"] and line["faces"] == []
    assert not (tmp_path / "drawn.mp4").exists()


def test_a_video_that_is_cut_short_says_so_after_its_frames(clip, tmp_path):
    short = tmp_path / "short.avi"
    writer = video.cv2.VideoWriter(
        str(short), video.cv2.VideoWriter_fourcc(*"MJPG"), 10, (160, 120)
    )
    for i in range(40):
        writer.write(np.asarray(dotted((160, 120), (40.0 + i, 50.0, 30.0))))
    writer.release()
    data = short.read_bytes()
    short.write_bytes(data[: len(data) // 2])
    *lines, last = video.answers(str(short), None, WAY, None, None)
    assert 0 < len(lines) < 40 and "cut short" in last["error"]


def test_a_camera_that_is_not_there_is_named():
    with pytest.raises(PhotoFault, match="no camera 97"):
        video.Capture(97)


def test_a_picture_of_odd_size_can_be_written(tmp_path):
    writer = video.Writer(tmp_path / "odd.mp4", 25.0)
    writer.write(Image.new("RGB", (161, 121)))
    writer.close()
    assert next(video.Capture(str(tmp_path / "odd.mp4")).frames(1)).size == (160, 120)
