"""The command, with stand-ins for the networks: what it reads, writes, and says."""

import json
import os
import shutil

import pytest
from PIL import Image

from faces.core.errors import UserError
from faces.drawing import overlay
from faces.predict import __main__ as predict
from faces.predict import batch
from faces.predict import inputs as sources
from faces.predict.video import lines as video
from tests.conftest import encoded, photo
from tests.detection.conftest import dotted, finds, models  # noqa: F401 (fixtures)
from tests.predict.clips import save


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
MANY = 37


def save_faces(folder, number, size=(160, 120)):
    folder.mkdir()
    for i in range(number):
        dotted(size, FACE).save(folder / f"{i:03d}.png")


def test_a_folder_of_more_photos_than_are_begun_at_a_time_is_answered_in_order(command, tmp_path):
    save_faces(tmp_path / "in", MANY)
    (tmp_path / "in" / "010.png").write_bytes(b"")
    (tmp_path / "in" / "020.png").write_bytes(encoded(photo(0, (200, 200)))[:999])
    assert command("in", "no.jpg", "--json", "out/answers.json") == 1
    answers = json.loads((tmp_path / "out" / "answers.json").read_text())
    names = [f"in/{i:03d}.png" for i in range(MANY)]
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
    with pytest.raises(UserError, match="answers to be written to file/answers"):
        command("in", "--json", "file/answers.json")
    assert (tmp_path / "file").read_text() == "x"


def test_photos_and_videos_are_not_mixed(command, tmp_path):
    save_faces(tmp_path / "in", 1)
    (tmp_path / "clip.mp4").write_bytes(b"x")
    with pytest.raises(UserError, match=r"photos or videos.*in/000.png and clip.mp4"):
        command("in", "clip.mp4")


def test_a_camera_that_is_not_there_ends_in_words(command, capsys):
    assert command("--camera", 97) == 1
    assert "no camera 97" in json.loads(capsys.readouterr().out)["error"]


def test_a_video_is_a_line_for_each_frame(command, tmp_path):
    save(tmp_path / "clip.mp4", [dotted((160, 120), FACE)] * 10)
    assert command("clip.mp4", "--json", "frames.jsonl", "--overlay", "drawn", "--frames", 9) == 0
    lines = [json.loads(line) for line in (tmp_path / "frames.jsonl").read_text().splitlines()]
    assert [line["frame"] for line in lines] == list(range(9))
    assert [[face["track"] for face in line["faces"]] for line in lines] == [[1]] * 9
    assert (tmp_path / "drawn" / "0000-clip.mp4").stat().st_size > 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["a.jpg", "--frames", "-3"], "--frames: a whole number from 1 on"),
        (["a.jpg", "--frames", "0"], "--frames: a whole number from 1 on"),
        (["--camera", "-1"], "--camera: a whole number from 0 on"),
        (["--camera", "front"], "--camera: a whole number from 0 on"),
        (["a.jpg", "--crop", "faec"], "choose from"),
        (["a.jpg", "--corp", "none"], "did you mean --crop"),
        (["-odd.jpg"], "a file of that name is ./-odd.jpg"),
        (["a.jpg", "--overlay", "-"], "stdout takes none"),
        (["a.jpg", "--json", ""], "not an empty word"),
        (["a.jpg", "--json"], "expected one argument"),
        ([], "name photos"),
    ],
)
def test_a_command_line_that_cannot_be_meant_is_one_line(command, words, said, tmp_path, capsys):
    (tmp_path / "-odd.jpg").write_bytes(b"x")
    assert command(*words) == 2
    out, line = capsys.readouterr()
    assert not out and said in line and line.count("\n") == 1


def test_options_may_stand_between_paths_and_dashes_before_odd_names(command, tmp_path):
    save_faces(tmp_path / "in", 2)
    shutil.copy(tmp_path / "in" / "000.png", tmp_path / "-a.png")
    assert command("in/000.png", "--json", "a.json", "in/001.png", "--", "-a.png") == 0
    paths = [a["path"] for a in json.loads((tmp_path / "a.json").read_text())]
    assert paths == ["in/000.png", "in/001.png", "-a.png"]


def test_a_dash_is_stdout(command, tmp_path, capsys):
    save_faces(tmp_path / "in", 1)
    assert command("in", "--json", "-") == 0
    assert len(json.loads(capsys.readouterr().out)) == 1 and not (tmp_path / "-").exists()


def test_an_empty_word_is_not_the_folder_that_one_is_in(command, tmp_path, capsys):
    save_faces(tmp_path / "in", 1)
    assert command("", "in", "in") == 1
    nothing, *rest = json.loads(capsys.readouterr().out)
    assert nothing == {"path": "", "error": "an empty name", "faces": []}
    assert [a["path"] for a in rest] == ["in/000.png"] * 2


def test_a_tilde_in_quotes_is_the_home_folder(command, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    (tmp_path / "home").mkdir()
    save_faces(tmp_path / "home" / "in", 1)
    assert command("~/in", "--json", "~/a.json", "--overlay", "~/drawn") == 0
    assert len(json.loads((tmp_path / "home" / "a.json").read_text())) == 1
    assert len(list((tmp_path / "home" / "drawn").iterdir())) == 1 and not (tmp_path / "~").exists()


def test_names_that_no_file_can_have_are_entries(command, capsys):
    assert command("x" * 300 + ".jpg", "y" * 300, "a/" * 3000) == 1
    answers = json.loads(capsys.readouterr().out)
    assert len(answers) == 3 and all("File name too long" in a["error"] for a in answers)


def test_a_folder_with_the_name_of_a_video_is_a_folder(command, tmp_path, capsys):
    save_faces(tmp_path / "clip.mp4", 1)
    (tmp_path / "empty.mp4").mkdir()
    assert command("clip.mp4", "empty.mp4") == 1
    answers = json.loads(capsys.readouterr().out)
    assert [a["path"] for a in answers] == ["clip.mp4/000.png", "empty.mp4"]
    assert answers[1]["error"] == "a folder without photos"


def test_a_pattern_without_a_match_goes_with_whatever_else_is_named(command, tmp_path, capsys):
    save_faces(tmp_path / "in", 1)
    assert command("in", "*.mp4") == 1
    assert [a["error"] for a in json.loads(capsys.readouterr().out)] == [None, "no such file"]
    save_clip(tmp_path / "clip.mp4", 3)
    assert command("*.jpg", "clip.mp4") == 1
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["error"] for line in lines] == ["no such file", None, None, None]


def save_clip(path, frames):
    save(path, [dotted((160, 120), FACE)] * frames)


@pytest.mark.parametrize("place", ["in", "in/000.png", "in/new.JPG", "clip.mp4", "notes"])
def test_answers_are_not_written_over_what_is_read(command, tmp_path, place):
    """`--json *.png`, by who takes it for a switch, names a photo."""
    save_faces(tmp_path / "in", 1)
    shutil.copy(tmp_path / "in" / "000.png", tmp_path / "notes")
    before = {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}
    with pytest.raises(UserError, match="a file for the answers"):
        command("in", "notes", "--json", place)
    assert {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()} == before


def test_a_read_only_file_is_not_replaced(command, tmp_path):
    save_faces(tmp_path / "in", 1)
    (tmp_path / "a.json").write_text("mine")
    (tmp_path / "a.json").chmod(0o444)
    with pytest.raises(UserError, match="which is read-only"):
        command("in", "--json", "a.json")
    assert (tmp_path / "a.json").read_text() == "mine"


def test_overlays_do_not_take_the_place_of_photos(command, tmp_path):
    save_faces(tmp_path / "in", 1)
    (tmp_path / "in" / "000.png").rename(tmp_path / "in" / "a.png")
    shutil.copy(tmp_path / "in" / "a.png", tmp_path / "in" / "0001-a.png")
    with pytest.raises(UserError, match="without what is read"):
        command("in", "--overlay", "in")
    assert len(list((tmp_path / "in").iterdir())) == 2


def test_overlays_do_not_take_the_place_of_videos(command, tmp_path):
    (tmp_path / "drawn").mkdir()
    for name in ("clip.mp4", "drawn/0000-clip.mp4"):
        save_clip(tmp_path / name, 2)
    before = (tmp_path / "drawn" / "0000-clip.mp4").read_bytes()
    with pytest.raises(UserError, match="without what is read"):
        command("clip.mp4", "drawn/0000-clip.mp4", "--overlay", "drawn")
    assert (tmp_path / "drawn" / "0000-clip.mp4").read_bytes() == before


def test_a_place_for_overlays_is_looked_at_before_anything_is_answered(command, tmp_path, capsys):
    save_faces(tmp_path / "in", 1)
    (tmp_path / "file").write_text("x")
    with pytest.raises(UserError, match="a folder for --overlay"):
        command("in", "--overlay", "file")
    assert not capsys.readouterr().out


def test_an_overlay_that_cannot_be_drawn_costs_no_answer_and_no_other_overlay(
    command, tmp_path, capsys
):
    save_faces(tmp_path / "in", 3)
    (tmp_path / "drawn" / "0001-001.png" / "full").mkdir(parents=True)
    assert command("in", "--overlay", "drawn") == 1
    out, said = capsys.readouterr()
    assert [a["error"] for a in json.loads(out)] == [None] * 3
    assert "0001-001.png" in said.splitlines()[-1] and "Traceback" not in said
    drawn = [p.name for p in (tmp_path / "drawn").glob("[0-9]*") if p.is_file()]
    assert sorted(drawn) == ["0000-000.png", "0002-002.png"]


def test_names_too_long_or_in_other_bytes_are_drawn_too(command, tmp_path, capsys):
    save_faces(tmp_path / "in", 3)
    for number, name in enumerate((b"\xea\xb0\x80" * 83, b"x" * 250, b"caf\xe9")):
        odd = os.fsdecode(name) + ".png"
        (tmp_path / "in" / f"{number:03d}.png").rename(tmp_path / "in" / odd)
    assert command("in", "--overlay", "drawn") == 0
    assert len(json.loads(capsys.readouterr().out)) == 3
    drawn = sorted(p.name for p in (tmp_path / "drawn").iterdir())
    assert len(drawn) == 3 and "0000-caf%E9.png" in drawn
    assert all(len(name.encode()) <= 255 for name in drawn)


def raising(monkeypatch, error, when):
    """Have the reading of some photos fail in a way that nobody has foreseen."""
    read = batch.read_photo

    def fail(data, **more):
        photo = read(data, **more)
        if when(photo):
            raise error
        return photo

    monkeypatch.setattr(batch, "read_photo", fail)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (MemoryError(), "too large for the memory that is left"),
        (RuntimeError("cv2 says no"), "cannot be answered (RuntimeError: cv2 says no)"),
        (RecursionError("deep"), "RecursionError"),
    ],
)
def test_a_photo_that_nobody_foresaw_is_an_entry(
    command, tmp_path, monkeypatch, capsys, error, said
):
    save_faces(tmp_path / "in", 3)
    dotted((162, 120), FACE).save(tmp_path / "in" / "001.png")
    raising(monkeypatch, error, lambda photo: photo.width == 162)
    assert command("in") == 1
    first, second, third = json.loads(capsys.readouterr().out)
    assert said in second["error"] and second["faces"] == []
    assert first["error"] is third["error"] is None and len(third["faces"]) == 1


@pytest.mark.parametrize("fault", [MemoryError(), None])
def test_a_photo_that_the_networks_cannot_take_is_an_entry(
    command, tmp_path, monkeypatch, capsys, fault
):
    """They give no number for one, or fail."""
    save_faces(tmp_path / "in", 3)
    photo(3, (161, 120)).save(tmp_path / "in" / "001.png")
    ask = batch.WAYS["none"]

    def fail(shown, models):  # noqa: F811
        if shown.width != 161:
            return ask(shown, models)
        if fault:
            raise fault
        return [float("nan")]

    monkeypatch.setitem(batch.WAYS, "none", fail)
    assert command("in", "--crop", "none") == 1
    assert [bool(a["error"]) for a in json.loads(capsys.readouterr().out)] == [False, True, False]


def test_a_file_of_no_end_is_not_read(command, tmp_path, capsys):
    with (tmp_path / "huge.jpg").open("wb") as file:
        file.truncate(sources.LARGEST_FILE + 1)
    assert command("huge.jpg") == 1
    assert "a file of over 400 MB" in json.loads(capsys.readouterr().out)[0]["error"]


def test_a_video_that_nobody_foresaw_costs_no_other_its_lines(
    command, tmp_path, monkeypatch, capsys
):
    (tmp_path / "bad.mp4").write_bytes(b"x")
    save_clip(tmp_path / "good.mp4", 3)
    answers = video.answers

    def fail(source, *rest):
        yield from [] if source == "bad.mp4" else answers(source, *rest)
        if source == "bad.mp4":
            yield {"path": source, "frame": 0, "seconds": 0.0, "error": None, "faces": []}
            raise OSError("the overlay cannot be written")

    monkeypatch.setattr(video, "answers", fail)
    assert command("bad.mp4", "good.mp4") == 1
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["frame"] for line in lines] == [0, 1, 0, 1, 2]
    assert "the overlay cannot be written" in lines[1]["error"] and lines[1]["path"] == "bad.mp4"


def test_frames_before_one_that_the_networks_cannot_take_are_answered(
    command, tmp_path, monkeypatch, capsys
):
    save_clip(tmp_path / "clip.mp4", 6)

    class Fails:
        def __init__(self, _):
            self.count = 0

        def answer(self, _, __):
            self.count += 1
            return [float("nan")] if self.count == 4 else []

    monkeypatch.setitem(video.WAYS, "none", Fails)
    assert command("clip.mp4", "--crop", "none") == 1
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [bool(line["error"]) for line in lines] == [False, False, False, True]
    assert "cannot be answered (ValueError" in lines[-1]["error"]


def test_a_video_whose_name_is_too_long_for_its_overlay_is_drawn(command, tmp_path):
    save_clip(tmp_path / "clip.mp4", 2)
    name = "x" * 250 + ".mp4"
    (tmp_path / "clip.mp4").rename(tmp_path / name)
    assert command(name, "--json", "lines.jsonl", "--overlay", "drawn") == 0
    (drawn,) = (tmp_path / "drawn").iterdir()
    assert drawn == overlay.path_of(tmp_path / "drawn", 0, name, ".mp4")


def test_the_models_are_those_of_the_repository_where_there_are_none_here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(predict, "__file__", str(tmp_path / "clone/faces/predict/__main__.py"))
    assert predict.models_folder() == predict.MODELS
    (tmp_path / "clone" / "data" / "models").mkdir(parents=True)
    assert predict.models_folder() == tmp_path / "clone" / "data" / "models"
    predict.MODELS.mkdir(parents=True)
    assert predict.models_folder() == predict.MODELS
