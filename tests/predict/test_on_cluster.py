"""Photos answered by a stand-in for a cluster: as here, byte for byte."""

from pathlib import Path

import pytest

from faces.core import engine, nodes
from faces.core.errors import UserError
from faces.predict import batch, on_cluster
from tests.detection.conftest import finds, models  # noqa: F401 (fixtures)
from tests.helpers import standin
from tests.predict.test_predict import command, save_faces  # noqa: F401 (a fixture)


@pytest.fixture
def node(monkeypatch, tmp_path, models):  # noqa: F811
    monkeypatch.setattr(nodes, "check", lambda address: None)
    monkeypatch.setattr(on_cluster, "loaded", lambda files: models)
    found = standin.chosen(monkeypatch, tmp_path / "node")
    monkeypatch.setitem(engine.CHOSEN, "engine", engine.LOCAL)
    return found


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_answers_and_pictures_of_a_cluster_are_those_of_this_machine(
    command,  # noqa: F811
    node,
    tmp_path,
    capsys,
):
    save_faces(tmp_path / "in", engine.CHUNK + 3)
    (tmp_path / "in" / "010.png").write_bytes(b"")
    (tmp_path / "in" / "011.png").write_bytes(b"no picture")
    said = []
    for where in ("local", "node:1"):
        (tmp_path / where / "0003-003.png").mkdir(parents=True)  # where no overlay can be
        (tmp_path / where / "0003-003.png" / "a").touch()
        words = ["--json", f"{where}.json", "--overlay", where, "--engine", where]
        assert command("in", "no.jpg", *words) == 1
        said.append(capsys.readouterr().err.replace(where, ""))
        (tmp_path / where / "0003-003.png" / "a").unlink()
        (tmp_path / where / "0003-003.png").rmdir()
    assert len(node.sent) == 2 and said[0] == said[1] and "could not be drawn" in said[0]
    assert (tmp_path / "local.json").read_bytes() == (tmp_path / "node:1.json").read_bytes()
    assert contents(tmp_path / "local") == contents(tmp_path / "node:1")


def test_a_fault_that_nobody_foresaw_is_the_photos_own(command, node, tmp_path, monkeypatch):  # noqa: F811
    def fail(*_):
        raise RuntimeError("what?")

    save_faces(tmp_path / "in", 2)
    monkeypatch.setitem(batch.WAYS, "none", fail)
    said = []
    for where in ("local", "node:1"):
        assert command("in", "--crop", "none", "--json", "a.json", "--engine", where) == 1
        said.append(Path("a.json").read_bytes())
    assert said[0] == said[1] and b"RuntimeError: what?" in said[0]


def test_an_engine_is_for_photos(command, node, tmp_path):  # noqa: F811
    (tmp_path / "clip.mp4").touch()
    with pytest.raises(UserError, match=r"photos with --engine. Received: clip\.mp4, a video"):
        command("clip.mp4", "--engine", "node:1")
    assert command("a.jpg", "--engine", "node") == 2
