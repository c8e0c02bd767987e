from pathlib import Path

import pytest

from faces.core import params, running
from faces.core.errors import UserError
from faces.rules import checking
from faces.rules.kinds import class_names
from stages import params as stage

TEXT = (Path(__file__).parents[2] / "params.yaml").read_text(encoding="utf-8")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def with_line(old: str, new: str) -> str:
    assert old in TEXT
    return TEXT.replace(old, new)


def test_the_file_as_it_is_can_be_used():
    assert checking.check(params.read(TEXT))["source"] == "sample"


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("lr: 0.002 ", "lr: abc ", "lr"),
        ("lr: 0.002 ", "lr: -1 ", "lr"),
        ("lr: 0.002 ", "lr: .nan ", "lr"),
        ("seed: 1 ", "seed: 1.5 ", "seed"),
        ("seed: 1 ", "seed: true ", "seed"),
        ("incomplete: mask", "incomplete: maks", "keypoints.clean.incomplete"),
        ("device: auto", "device: tpu", "device"),
        ("engine: local ", "engine: ray ", "engine"),
        ("train_rows: 900", "train_rows: 500000", "sample.train_rows"),
        ("label: gender ", "label: age ", "sample.label"),
        ("photos: 1000", "photos: many", "sample.photos"),
        ("test_per_class: 100", "test_per_class: 0", "gender.split.test_per_class"),
        ("flip: true ", "flip: 1 ", "keypoints.predict.flip"),
        ("Female, woman", "Female, man", "gender.clean.classes"),
        ("Female, woman", "Female,   MAN", "gender.clean.classes"),
        ("folds: {sample: 2, other: 3} ", "folds: 1 ", "keypoints.label_errors.folds"),
        (
            "epochs: {sample: 40, other: 60}",
            "epochs: {sample: 40, other: 0}",
            "keypoints.train.epochs",
        ),
        ("epochs: {sample: 40, other: 60}", "epochs: {sample: 40}", "keypoints.train.epochs"),
        (
            "folds: 0          # 2",
            "folds: 21         # 2",
            "keypoints.crossval.folds",
        ),
        ("seed: 1 ", "sead: 1 ", "sead"),
        ("  depth: 1 ", "  dept: 1 ", "keypoints.train.dept"),
    ],
)
def test_a_wrong_value_is_named(old, new, named):
    with pytest.raises(UserError, match=f"{named} in params.yaml") as caught:
        checking.check(params.read(with_line(old, new)))
    assert "Received" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_key_is_named():
    with pytest.raises(UserError, match=r"a value for lr in params\.yaml"):
        checking.check(params.read(with_line("lr: 0.002 ", "#")))


def test_a_number_as_dvc_writes_it_is_a_number():
    assert checking.check(params.read(with_line("lr: 0.002 ", "lr: 1e-05 ")))["lr"] == 1e-5


def test_a_stage_gets_the_keys_it_names_and_no_others(folder):
    Path("params.yaml").write_text(TEXT, encoding="utf-8")
    assert params.load("seed", "keypoints.clean.incomplete") == {"seed": 1, "incomplete": "mask"}


@pytest.mark.parametrize(("source", "epochs"), [("sample", 40), ("kaggle", 60), ("mine", 60)])
def test_a_value_may_depend_on_the_source(folder, source, epochs):
    text = with_line("source: sample ", f"source: {source} ")
    Path("params.yaml").write_text(text, encoding="utf-8")
    assert params.load("keypoints")["keypoints"]["train"]["epochs"] == epochs
    replaced = text.replace("epochs: {sample: 40, other: 60}", "epochs: 7")
    Path("params.yaml").write_text(replaced, encoding="utf-8")
    assert params.load("keypoints")["keypoints"]["train"]["epochs"] == 7


def test_broken_yaml_is_one_error(folder):
    with pytest.raises(UserError, match="valid YAML"):
        params.read("lr: [1,\nseed: }")


def test_the_stage_ends_with_one_line(folder, capsys):
    Path("params.yaml").write_text(with_line("lr: 0.002 ", "lr: abc "), encoding="utf-8")
    with pytest.raises(SystemExit) as caught:
        running.run(stage.main)
    assert caught.value.code == 1
    said = capsys.readouterr().err
    assert said.startswith("error: Expected a number") and said.count("\n") == 1
    assert not Path("data/params.checked").exists()


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("glasses/none", {"glasses": [], "none": []}),
        (["smile", "neutral", "surprise"], {"smile": [], "neutral": [], "surprise": []}),
        ({"Male": ["men"], "Female": []}, {"Male": ["men"], "Female": []}),
        ("Male, men, 남성 / Female", {"Male": ["men", "남성"], "Female": []}),
    ],
)
def test_class_names_can_be_written_in_several_ways(written, meant):
    assert class_names(written) is None
    assert params.by_class(written) == meant


@pytest.mark.parametrize(
    "wrong",
    [
        *("glasses", "a//b", "a/A", "a, x / b, X", "a, / b"),
        *(["a"], ["a", "a"], ["a", 1], {"a": []}, {"a": "x", "b": []}, 7, None),
    ],
)
def test_fewer_than_two_or_equal_class_names_are_refused(wrong):
    assert class_names(wrong)


@pytest.mark.parametrize(
    ("old", "new", "key", "value"),
    [
        ("source: sample ", "source: 2024 ", "source", "2024"),
        ("source: sample ", "source: 2024-01-31 ", "source", "2024-01-31"),
        ("seed: 1 ", "seed: 1.0 ", "seed", 1),
        ("seed: 1 ", "seed: '7' ", "seed", 7),
        ("lr: 0.002 ", 'lr: "0.001" ', "lr", 0.001),
        ("lr: 0.002 ", "lr: 1e-3 ", "lr", 0.001),
        ("lr: 0.002 ", "lr: '1e-3' ", "lr", 0.001),
        ("device: auto ", "device: CPU ", "device", "cpu"),
        ("deterministic: true ", "deterministic: Yes ", "deterministic", True),
        ("deterministic: true ", "deterministic: 'off' ", "deterministic", False),
        ('labels: "" ', "labels: ", "gender.labels", ""),
        ("members: {sample: 0, other: 1} ", "members: 1.0 ", "keypoints.refit.members", 1),
        (
            "members: {sample: 0, other: 1} ",
            "members: {sample: '2', other: 1}",
            "keypoints.refit.members",
            2,
        ),
    ],
)
def test_what_yaml_makes_of_a_word_is_understood_as_it_was_meant(folder, old, new, key, value):
    Path("params.yaml").write_text(with_line(old, new), encoding="utf-8")
    (found,) = params.load(key).values()
    assert found == value and type(found) is type(value)


def classes_of(folder, text: str) -> dict:
    """The classes that a stage gets of a params.yaml."""
    Path("params.yaml").write_text(text, encoding="utf-8")
    return params.by_class(params.load("gender.clean")["clean"]["classes"])


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("cat/dog/bird", {"cat": [], "dog": [], "bird": []}),
        ("[cat,dog]", {"cat": [], "dog": []}),
        ("{cat: [kitten], dog: []}", {"cat": ["kitten"], "dog": []}),
        ("{cat: null, dog: [1]}", {"cat": [], "dog": ["1"]}),
        ("'cat, kitten / dog'", {"cat": ["kitten"], "dog": []}),
        ("[yes,no]", {"yes": [], "no": []}),
        ("yes/no", {"yes": [], "no": []}),
        ("[true,false]", {"true": [], "false": []}),
        ("[0,1]", {"0": [], "1": []}),
        ("0/1", {"0": [], "1": []}),
        ("{0: [], 1: []}", {"0": [], "1": []}),
        ("'남성/여성'", {"남성": [], "여성": []}),
    ],
)
def test_dvc_sets_classes_in_every_form_in_place_of_the_default(folder, said, meant):
    from dvc.utils.hydra import apply_overrides

    assert list(classes_of(folder, TEXT)) == ["Male", "Female"]
    apply_overrides(Path("params.yaml"), [f"gender.clean.classes={said}"])
    assert classes_of(folder, Path("params.yaml").read_text(encoding="utf-8")) == meant


def test_dvc_sets_an_engine_as_it_is_written(folder):
    from dvc.utils.hydra import apply_overrides

    Path("params.yaml").write_text(TEXT, encoding="utf-8")
    assert params.load("engine") == {"engine": "local"}
    apply_overrides(Path("params.yaml"), ["engine=10.0.0.1:6379"])
    assert params.load("engine") == {"engine": "10.0.0.1:6379"}
    assert checking.check(params.read(Path("params.yaml").read_text(encoding="utf-8")))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (TEXT.replace("  width: 32 ", "\twidth: 32 "), "in line .*spaces in place of the tab"),
        (TEXT + "\nseed: 3\n", "duplicate key .seed. .*in line"),
        ("lr: [1,\nseed: }", "valid YAML"),
        ("", r"keys source, seed.* in params\.yaml\. Received: nothing"),
        ("source", r"keys source, seed.* Received: 'source'"),
        (TEXT.replace("  labels: ", "  was:\n  labels: "), "gender.was"),
        (TEXT.partition("keypoints:")[0] + "keypoints:\ngender:\n", "for keypoints.*nothing"),
        (TEXT.replace("lr: 0.002 ", "lr: 0,002 "), "a number from .* for lr.*'0,002'"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_line(folder, text, words):
    Path("params.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(UserError, match=words) as caught:
        checking.check(params.read(params.content(params.FILE)))
    assert "\n" not in str(caught.value)


def test_a_byte_order_mark_does_no_harm_and_another_encoding_is_named(folder):
    Path("params.yaml").write_text(TEXT, encoding="utf-8-sig")
    assert params.load("seed") == {"seed": 1}
    Path("params.yaml").write_text(TEXT, encoding="utf-16")
    with pytest.raises(UserError, match=r"params\.yaml in UTF-8.*Save it as UTF-8"):
        params.load("seed")


@pytest.mark.parametrize("word", ["SAMPLE", "Sample"])
def test_a_source_is_known_in_capitals_unless_a_folder_has_its_name(folder, word):
    Path("params.yaml").write_text(with_line("source: sample ", f"source: {word} "), "utf-8")
    assert params.load("source", "keypoints.train.epochs") == {"source": "sample", "epochs": 40}
    Path(word).mkdir()
    with pytest.raises(UserError, match=rf"Write sample, or \./{word} for the folder"):
        params.load("source")
    assert params.word_of("sample") == "sample" and params.word_of("mine") == "mine"


@pytest.mark.parametrize(
    ("was", "now"),
    [
        ("epochs: 3", "keypoints.train.epochs"),
        ("flip_average: true", "keypoints.predict.flip"),
        ("folds_of: rest", "keypoints.crossval.rows"),
        ("suspects: keep", "keypoints.train.label_errors"),
    ],
)
def test_a_key_that_was_renamed_says_its_new_name(was, now):
    text = with_line("keypoints:\n", f"keypoints:\n  {was}\n")
    with pytest.raises(UserError, match=rf"a key that exists \({now}\)"):
        checking.check(params.read(text))
