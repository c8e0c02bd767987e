import subprocess
import sys
from pathlib import Path

import pytest

from tools import verify

PIPELINE = """
stages:
  draw:
    cmd: {command}
    params: [lr, source]
    outs: [folder, drawn.txt]
"""


def test_every_output_is_compared_and_a_difference_is_named(tmp_path):
    for name in ("a", "b"):
        folder = tmp_path / name
        (folder / "data" / "deep").mkdir(parents=True)
        (folder / "data" / "deep" / "same").write_text("x")
        (folder / "one").write_text(name)
        lock = "stages:\n  s:\n    outs:\n    - path: data\n    - path: one\n    - path: none\n"
        (folder / "dvc.lock").write_text(lock)
    found = [verify.hashes(tmp_path / name) for name in ("a", "b")]
    assert list(found[0]) == ["data/deep/same", "none", "one"]
    assert verify.compare(*found) == ["none", "one"]
    found[1].pop("data/deep/same")
    assert verify.compare(*found) == ["data/deep/same", "none", "one"]


def test_a_relative_source_is_the_same_folder_in_a_clone(tmp_path):
    (tmp_path / "params.yaml").write_text("source: photos/mine\n")
    absolute = f"source={tmp_path / 'photos/mine'}"
    assert verify.with_absolute_source(["lr=1"], tmp_path) == ["lr=1", absolute]
    given = ["source=other"]
    assert verify.with_absolute_source(given, tmp_path) == [*given, f"source={tmp_path / 'other'}"]
    for word in ("source=sample", "source=Kaggle"):
        assert verify.with_absolute_source([word], tmp_path) == [word]


@pytest.fixture
def repository(tmp_path, monkeypatch):
    """Makes a project with one stage, and sets `verify` on it."""
    root = tmp_path / "project"

    def make(command: str) -> Path:
        root.mkdir()
        env = {**verify.os.environ, **verify.NAMES, "GIT_CONFIG_GLOBAL": verify.os.devnull}
        (root / "dvc.yaml").write_text(PIPELINE.format(command=command))
        (root / "params.yaml").write_text("lr: 1\nsource: sample\n")
        for words in (
            ["git", "init", "-q"],
            [sys.executable, "-m", "dvc", "init", "-q"],
            ["git", "add", "-A"],
        ):
            subprocess.run(words, cwd=root, env=env, check=True)
        subprocess.run(["git", "commit", "-qm", "one"], cwd=root, env=env, check=True)
        monkeypatch.setattr(verify, "ROOT", root)
        return root

    return make


def test_two_clones_run_apart_and_a_path_in_an_output_shows(repository, monkeypatch, capsys):
    repository("mkdir -p folder && cp params.yaml folder/a && pwd > drawn.txt")
    monkeypatch.setattr(verify.sys, "argv", ["verify", "-S", "lr=2"])
    assert verify.main() == 1
    out = capsys.readouterr().out
    assert "different: drawn.txt" in out and "2 output files compared, 1 different" in out
