"""Trainings that a cluster does, on a stand-in: the same bytes, and refusals."""

import numpy as np
import pytest

from faces.core import engine, paths
from faces.core.errors import UserError
from faces.gender.model import predict
from faces.training import bits, elsewhere, ensemble, folds, hardware
from tests.helpers import small, standin

SETTINGS = {**small.SETTINGS, "members": 2, "epochs": 2}


@pytest.fixture(autouse=True)
def prepared():
    hardware.prepare("cpu", "float32", 3)


@pytest.fixture
def data():
    return small.data(24, 1), small.data(8, 2)


@pytest.fixture
def node(monkeypatch, tmp_path):
    return standin.chosen(monkeypatch, tmp_path / "node")


def contents(folder) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_members_of_a_cluster_are_those_trained_here(data, tmp_path, monkeypatch, capsys):
    _, history = ensemble.train_members(small, SETTINGS, *data, 5, tmp_path / "here")
    node = standin.chosen(monkeypatch, tmp_path / "node")
    capsys.readouterr()
    (tmp_path / "there").mkdir()
    begun = ensemble.file_of(small, SETTINGS, *data, 5).replace(".npz", ".begun.npz")
    (tmp_path / "there" / begun).touch()
    _, same = ensemble.train_members(small, SETTINGS, *data, 5, tmp_path / "there")
    assert contents(tmp_path / "here") == contents(tmp_path / "there")
    assert history.equals(same) and len(node.sent) == 2
    assert "2 of 2 trainings came back" in capsys.readouterr().out
    ensemble.train_members(small, SETTINGS, *data, 5, tmp_path / "there")
    assert len(node.sent) == 2  # nothing is missing: nothing is asked


def test_label_checks_of_a_cluster_answer_as_those_trained_here(data, tmp_path, monkeypatch):
    settings = {k: v for k, v in SETTINGS.items() if k != "members"}

    def answers(kept):
        groups = np.arange(len(data[0]["image"]))
        return folds.out_of_fold(small, predict, settings, data[0], groups, 5, 2, False, kept)

    here = answers(tmp_path / "kept")
    node = standin.chosen(monkeypatch, tmp_path / "node")
    np.testing.assert_array_equal(here, answers(tmp_path / "kept"))
    assert len(node.sent) == 2
    assert not list((tmp_path / "kept").iterdir())
    assert not list((node.folder / paths.FOLDS).iterdir())


def test_a_node_goes_on_where_a_training_was_begun_in_a_folder_that_it_shares(
    data, node, tmp_path, monkeypatch, capsys
):
    def killed(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(ensemble, "save", killed)
        with pytest.raises(KeyboardInterrupt):
            ensemble.train_members(small, SETTINGS, *data, 5, tmp_path / "kept")
    (begun,) = (node.folder / paths.MEMBERS).iterdir()
    assert begun.name.endswith(".begun.npz")
    ensemble.train_members(small, SETTINGS, *data, 5, tmp_path / "kept")
    assert capsys.readouterr().out.count("going on after epoch 2") == 1


def test_a_training_without_a_number_is_the_users_error(data, node, tmp_path):
    settings = {**SETTINGS, "lr": 1e30, "optimizer": "sgd", "ema": 0}
    with pytest.raises(UserError, match="Lower lr"):
        ensemble.train_members(small, settings, *data, 5, tmp_path / "kept")


@pytest.mark.parametrize(
    ("where", "name", "value", "said"),
    [
        (engine, "code", "another", "other code"),
        (engine, "packages", {}, "other packages"),
        (bits, "instructions", ["mmx"], "other processor"),
    ],
)
def test_a_node_that_would_give_other_bytes_is_refused(
    data, node, tmp_path, monkeypatch, where, name, value, said
):
    described = elsewhere.described

    def of_another(training) -> dict:
        with monkeypatch.context() as patch:
            patch.setattr(where, name, lambda: value)
            return {**described(training), "name": "0" * 32}

    monkeypatch.setattr(elsewhere, "described", of_another)
    with pytest.raises(UserError, match=f"a node of the same code.*with {said}"):
        ensemble.train_members(small, SETTINGS, *data, 5, tmp_path / "kept")
    assert not (tmp_path / "kept").exists()


def test_rows_that_changed_on_the_way_are_refused(data, node, tmp_path, monkeypatch):
    monkeypatch.setattr(elsewhere, "sent", lambda train, _: (train, train))
    monkeypatch.setattr(ensemble, "file_of", lambda *_: "0.npz")
    with pytest.raises(UserError, match="with other data or settings"):
        ensemble.train_members(small, SETTINGS, *data, 5, tmp_path / "kept")


def test_precision_threads_and_variables_travel(data, node, tmp_path, monkeypatch):
    monkeypatch.setenv("XLA_FLAGS", "--a")
    hardware.prepare("cpu", "bfloat16", 3)
    monkeypatch.setattr(bits, "pool", lambda: 7)
    (training, _) = ensemble.members(small, SETTINGS, *data, 5, tmp_path)
    said, wanted = elsewhere.described(training), elsewhere.wanted()
    assert said["precision"] == "bfloat16" and said["device"] == "cpu" and said["deterministic"]
    assert wanted.threads == 7 and wanted.gpus == 0 and wanted.fresh
    assert wanted.environment["TF_NUM_INTRAOP_THREADS"] == "7"
    assert wanted.environment["XLA_FLAGS"] == "--a"
    monkeypatch.setattr(hardware, "computes_on_gpu", lambda: True)
    monkeypatch.setattr(hardware, "gpu_name", lambda: "NVIDIA T4")
    assert (elsewhere.wanted().gpus, elsewhere.wanted().threads) == (1, 1)
