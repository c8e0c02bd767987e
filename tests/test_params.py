from pathlib import Path

import pytest

from stages import params
from stages.errors import UserError

TEXT = (Path(__file__).parents[1] / "params.yaml").read_text(encoding="utf-8")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def with_line(old: str, new: str) -> str:
    assert old in TEXT
    return TEXT.replace(old, new)


def test_the_file_as_it_is_can_be_used():
    assert params.check(params.read(TEXT))["source"] == "sample"


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("lr: 0.002 ", "lr: abc ", "lr"),
        ("lr: 0.002 ", "lr: -1 ", "lr"),
        ("lr: 0.002 ", "lr: .nan ", "lr"),
        ("seed: 1 ", "seed: 1.5 ", "seed"),
        ("seed: 1 ", "seed: true ", "seed"),
        ("incomplete: mask", "incomplete: maks", "keypoints.incomplete"),
        ("device: auto", "device: tpu", "device"),
        ("test_per_class: 100", "test_per_class: 0", "gender.split.test_per_class"),
        ("flip_average: true ", "flip_average: 1 ", "keypoints.flip_average"),
        ("Female: [woman, women", "Female: [man, women", "gender.clean.classes"),
        ("Female: [woman, women", 'Female: [" MAN", women', "gender.clean.classes"),
        ("folds: {sample: 2, other: 3} ", "folds: 1 ", "keypoints.check.folds"),
        ("epochs: {sample: 40, other: 60}", "epochs: {sample: 40, other: 0}", "keypoints.epochs"),
        ("epochs: {sample: 40, other: 60}", "epochs: {sample: 40}", "keypoints.epochs"),
        ("  folds: 0            # cross", "  folds: 21           # cross", "keypoints.folds"),
        ("seed: 1 ", "sead: 1 ", "sead"),
        ("  depth: 1 ", "  dept: 1 ", "keypoints.dept"),
    ],
)
def test_a_wrong_value_is_named(old, new, named):
    with pytest.raises(UserError, match=f"{named} in params.yaml") as caught:
        params.check(params.read(with_line(old, new)))
    assert "Received" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_key_is_named():
    with pytest.raises(UserError, match=r"a value for lr in params\.yaml"):
        params.check(params.read(with_line("lr: 0.002 ", "#")))


def test_a_number_as_dvc_writes_it_is_a_number():
    assert params.check(params.read(with_line("lr: 0.002 ", "lr: 1e-05 ")))["lr"] == 1e-5


def test_a_stage_gets_the_keys_it_names_and_no_others(folder):
    Path("params.yaml").write_text(TEXT, encoding="utf-8")
    assert params.load("seed", "keypoints.incomplete") == {"seed": 1, "incomplete": "mask"}


@pytest.mark.parametrize(("source", "epochs"), [("sample", 40), ("kaggle", 60), ("mine", 60)])
def test_a_value_may_depend_on_the_source(folder, source, epochs):
    text = with_line("source: sample ", f"source: {source} ")
    Path("params.yaml").write_text(text, encoding="utf-8")
    assert params.load("keypoints")["keypoints"]["epochs"] == epochs
    replaced = text.replace("epochs: {sample: 40, other: 60}", "epochs: 7")
    Path("params.yaml").write_text(replaced, encoding="utf-8")
    assert params.load("keypoints")["keypoints"]["epochs"] == 7


def test_broken_yaml_is_one_error(folder):
    with pytest.raises(UserError, match="valid YAML"):
        params.read("lr: [1,\nseed: }")


def test_the_stage_ends_with_one_line(folder, capsys):
    Path("params.yaml").write_text(with_line("lr: 0.002 ", "lr: abc "), encoding="utf-8")
    with pytest.raises(SystemExit) as caught:
        params.errors.run(params.main)
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
    ],
)
def test_class_names_can_be_written_in_three_ways(written, meant):
    assert params.class_names(written) is None
    assert params.by_class(written) == meant


@pytest.mark.parametrize(
    "wrong", ["glasses", "a//b", "a/A", ["a"], ["a", "a"], ["a", 1], {"a": []}, {"a": "x", "b": []}]
)
def test_fewer_than_two_or_equal_class_names_are_refused(wrong):
    assert params.class_names(wrong)
