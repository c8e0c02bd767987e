"""Commands as they are typed: as modules, as scripts, from other folders, with words too many."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from faces.core import command
from tests.helpers.waiting import HANG

ROOT = Path(__file__).parents[2]


def run(*words, cwd=ROOT, **more) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, *map(str, words)],
        cwd=cwd,
        env={**os.environ, **more},
        capture_output=True,
        text=True,
        timeout=HANG,
    )


NAMES = ["faces.export", "faces.device", "faces.summary", "stages.report", "stages.download"]


@pytest.mark.parametrize("name", NAMES)
def test_a_command_without_words_says_what_it_does_or_refuses_them(name, tmp_path):
    told = run("-m", name, "--help", cwd=tmp_path, PYTHONPATH=str(ROOT))
    assert told.returncode == 0 and len(told.stdout) > 20 and not told.stderr
    refused = run("-m", name, "--fast", cwd=tmp_path, PYTHONPATH=str(ROOT))
    assert refused.returncode == 1 and refused.stderr.count("\n") == 1
    assert f"nothing after {name}. Received: --fast" in refused.stderr
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["predict", "predict/__main__.py", "submit.py"])
def test_a_command_works_as_a_script_and_from_any_folder(name, tmp_path):
    done = run(ROOT / "faces" / name, "--help", cwd=tmp_path)
    assert done.returncode == 0 and done.stdout and not done.stderr


def test_a_command_far_from_any_model_says_so_in_a_line(tmp_path):
    code = "from faces.core import running; from faces.predict import __main__ as predict;"
    code += f"predict.__file__ = {str(tmp_path / 'faces' / 'predict' / '__main__.py')!r};"
    code += "import sys; sys.argv = ['predict', 'a.jpg']; running.run(predict.main)"
    done = run("-c", code, cwd=tmp_path, PYTHONPATH=str(ROOT))
    assert done.returncode == 1 and done.stderr.count("\n") == 1
    assert "no data/models/keypoints.tflite" in done.stderr


def test_what_looks_like_an_option_is_no_message_for_kaggle():
    for words in (["--message", "wider"], ["--help-me"], []):
        done = run("-m", "faces.submit", *words)
        assert done.returncode == 1 and "a message for Kaggle" in done.stderr
    assert "make submit" in run("-m", "faces.submit", "--help").stdout


@pytest.mark.parametrize("words", [["--acelerator", "none"], ["gpu"], ["--backend", "torch"]])
def test_a_kernel_with_words_that_mean_nothing_is_refused_in_a_line(words):
    done = run("-m", "faces.kernel", *words)
    assert done.returncode == 2 and done.stderr.count("\n") == 1
    assert "What there is: python -m faces.kernel --help" in done.stderr


def test_a_value_may_stand_right_behind_a_short_option():
    parser = command.Parser(prog="x")
    parser.add_argument("-S", action="append")
    assert parser.read(["-Slr=1", "-S", "seed=2"]).S == ["lr=1", "seed=2"]


@pytest.mark.parametrize("words", [["photos"], ["--prot", "8001"]])
def test_the_page_refuses_what_it_does_not_know_in_a_line(words):
    pytest.importorskip("uvicorn")
    done = run("-m", "faces.app", *words)
    assert done.returncode == 2 and done.stderr.count("\n") == 1


@pytest.mark.parametrize(("word", "home"), [("~/a", True), ("~nobody-of-that-name/a", False)])
def test_home_is_where_it_is_known(word, home, monkeypatch):
    monkeypatch.setenv("HOME", "/home/me")
    assert command.at_home(word) == ("/home/me/a" if home else word)


def test_a_file_of_that_very_name_is_not_taken_for_home(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "~").write_text("x")
    assert command.at_home("~") == "~"
