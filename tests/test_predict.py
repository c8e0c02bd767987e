"""The command, with stand-ins for the networks: what it reads, writes, and says."""

import json

import pytest
from PIL import Image

from stages import predict
from stages.errors import UserError
from tests.conftest import encoded, photo
from tests.faces.conftest import dotted, finds, models  # noqa: F401 (fixtures)


@pytest.fixture
def command(models, finds, monkeypatch, tmp_path):  # noqa: F811
    """Runs predict with these words in an empty folder; its exit status and stdout's text."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(predict, "load_models", lambda _: models)
    finds((80, 62, 60))

    def run(*words):
        monkeypatch.setattr("sys.argv", ["predict", *map(str, words)])
        try:
            predict.main()
        except SystemExit as end:
            return end.code
        return 0

    return run


FACE = (80.0, 56.0, 30.0)


def save_faces(folder, number, size=(160, 120)):
    folder.mkdir()
    for i in range(number):
        dotted(size, FACE).save(folder / f"{i:03d}.png")


def test_a_folder_larger_than_a_batch_is_answered_in_order(command, tmp_path):
    save_faces(tmp_path / "in", predict.BATCH + 5)
    (tmp_path / "in" / "010.png").write_bytes(b"")
    (tmp_path / "in" / "020.png").write_bytes(encoded(photo(0, (200, 200)))[:999])
    assert command("in", "no.jpg", "--json", "out/answers.json") == 1
    answers = json.loads((tmp_path / "out" / "answers.json").read_text())
    names = [f"in/{i:03d}.png" for i in range(predict.BATCH + 5)]
    assert [a["path"] for a in answers] == [*names, "no.jpg"]
    faults = {a["path"]: a["error"] for a in answers if a["error"]}
    assert faults == {
        "in/010.png": "empty file",
        "in/020.png": "cut short",
        "no.jpg": "no such file",
    }
    for a in answers:
        assert len(a["faces"]) == (a["path"] not in faults)


def test_the_answer_is_that_of_the_contract(command, tmp_path, capsys):
    save_faces(tmp_path / "in", 1)
    assert command("in") == 0
    ((entry),) = json.loads(capsys.readouterr().out)
    (face,) = entry["faces"]
    assert entry["error"] is None and set(face) == {"box", "gender", "keypoints"}
    assert len(face["keypoints"]) == 15 and len(face["box"]) == 4
    assert face["gender"]["label"] == "dark" and 0.5 < face["gender"]["probability"] <= 1


def test_each_photo_that_could_be_read_is_drawn(command, tmp_path):
    save_faces(tmp_path / "in", 2)
    assert command("in", "no.jpg", "in/000.png", "--overlay", "drawn") == 1
    names = sorted(path.name for path in (tmp_path / "drawn").iterdir())
    assert names == ["0000-000.png", "0001-001.png", "0003-000.png"]
    colours = Image.open(tmp_path / "drawn" / names[0]).convert("RGB").getcolors(1 << 20)
    assert any(red > 200 and blue < 80 for _, (red, _, blue) in colours)  # the box


def test_an_exif_rotated_photo_is_answered_as_it_is_looked_at(command, tmp_path, capsys):
    exif = Image.Exif()
    exif[0x0112] = 6
    turned = dotted((160, 120), FACE).transpose(Image.Transpose.ROTATE_90)
    turned.save(tmp_path / "phone.jpg", exif=exif, quality=95)
    assert command("phone.jpg") == 0
    (face,) = json.loads(capsys.readouterr().out)[0]["faces"]
    x, y = face["keypoints"]["mouth_center_bottom_lip"]
    assert (x, y) == pytest.approx((80, 80), abs=1.5)


def test_a_bomb_is_refused_and_the_rest_is_answered(command, tmp_path, capsys):
    save_faces(tmp_path / "in", 1)
    Image.new("1", (9000, 9000)).save(tmp_path / "bomb.png")
    assert command("bomb.png", "in") == 1
    bomb, fine = json.loads(capsys.readouterr().out)
    assert "over 50 megapixels" in bomb["error"] and bomb["faces"] == []
    assert fine["error"] is None and len(fine["faces"]) == 1


def test_a_place_that_cannot_be_written_is_found_before_anything_is_answered(command, tmp_path):
    save_faces(tmp_path / "in", 1)
    (tmp_path / "file").write_text("x")
    with pytest.raises(UserError, match="an output that can be written"):
        command("in", "--json", "file/answers.json")
    assert (tmp_path / "file").read_text() == "x"


def test_photos_and_videos_are_not_mixed(command, tmp_path):
    save_faces(tmp_path / "in", 1)
    with pytest.raises(UserError, match="photos or videos"):
        command("in", "clip.mp4")


def test_a_camera_that_is_not_there_ends_in_words(command, capsys):
    assert command("--camera", 97) == 1
    assert "no camera 97" in json.loads(capsys.readouterr().out)["error"]


def test_a_video_is_a_line_for_each_frame(command, tmp_path):
    from stages.faces.video import Writer

    writer = Writer(tmp_path / "clip.mp4", 10.0)
    for _ in range(10):
        writer.write(dotted((160, 120), FACE))
    writer.close()
    assert command("clip.mp4", "--json", "frames.jsonl", "--overlay", "drawn", "--frames", 9) == 0
    lines = [json.loads(line) for line in (tmp_path / "frames.jsonl").read_text().splitlines()]
    assert [line["frame"] for line in lines] == list(range(9))
    assert all(len(line["faces"]) == 1 for line in lines)
    assert (tmp_path / "drawn" / "0000-clip.mp4").stat().st_size > 0
