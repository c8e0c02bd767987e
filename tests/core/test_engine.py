"""Where work goes, without Ray: a stand-in for the cluster."""

import pickle
import socket
import sys
import threading
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest

from faces.core import engine, nodes
from faces.core.errors import UserError
from faces.rules import kinds
from faces.sources.folder import Missing
from tests.helpers import standin

ROOT = Path(__file__).parents[2]


def doubled(item: int, more: int = 0) -> int:
    if item < 0:
        raise UserError("a number from 0", str(item), "Give another.")
    return 2 * item + more


@pytest.fixture
def node(monkeypatch, tmp_path):
    return standin.chosen(monkeypatch, tmp_path / "node")


def test_results_come_in_order_from_here_and_from_a_cluster(monkeypatch, tmp_path):
    items, wanted = range(3 * engine.CHUNK + 1), [2 * n + 5 for n in range(3 * engine.CHUNK + 1)]
    assert list(engine.in_order(doubled, items, "numbers", shared={"more": 5})) == wanted
    node = standin.chosen(monkeypatch, tmp_path / "node")
    assert list(engine.in_order(doubled, items, "numbers", shared={"more": 5})) == wanted
    assert len(node.sent) == 4 and {sent[2].what for sent in node.sent} == {"numbers"}


def test_what_a_piece_raises_reaches_the_driver(node):
    with pytest.raises(UserError, match="Expected a number from 0"):
        list(engine.in_order(doubled, [1, -1], "numbers"))


def test_what_pieces_have_in_common_is_packed_once(monkeypatch):
    ray = SimpleNamespace(spread=lambda address, function, pieces, wanted: pieces)
    monkeypatch.setattr(engine, "cluster", lambda: ray)
    common = {"a": 1}
    pieces = [(common, 1), (common, 2), ({"a": 1}, 3)]
    sent = [shared for shared, _ in engine.spread("f", pieces, nodes.Wanted("numbers"))]
    assert sent[0] is sent[1] and sent[1] is not sent[2] and sent[1] == sent[2]


@pytest.mark.parametrize("name", ["code", "packages", "processor"])
def test_a_node_that_is_not_alike_is_refused_in_a_line(node, monkeypatch, name):
    engine.surroundings.cache_clear()
    here = engine.surroundings()
    answers = iter([here, {**here, name: "another"}])
    monkeypatch.setattr(engine, "surroundings", lambda: next(answers))
    with pytest.raises(UserError, match=f"with other {name}. Have the same commit"):
        list(engine.in_order(doubled, [1], "numbers"))


def test_a_change_of_any_module_is_other_code(monkeypatch, tmp_path):
    room = tmp_path / "faces" / "core"
    room.mkdir(parents=True)
    monkeypatch.setattr(engine, "__file__", str(room / "engine.py"))
    said = []
    for text in ("1", "1", "2"):
        (room.parent / "one.py").write_text(text)
        said.append(engine.code.__wrapped__())
    assert said[0] == said[1] != said[2]


@pytest.mark.parametrize("kind", [UserError, Missing])
def test_a_user_error_crosses_to_another_process_as_it_is(kind):
    error = pickle.loads(pickle.dumps(kind("a\x1b", "b", "Do c.")))
    assert type(error) is UserError and error.received == "b"
    assert str(error) == "Expected a?. Received: b. Do c."


@pytest.mark.parametrize("value", ["local", "10.0.0.1:6379", "head.lan:1", "[fd00::1]:65535"])
def test_what_an_engine_may_be(value):
    assert kinds.engine(value) is None


@pytest.mark.parametrize("value", ["ray", "", ":6379", "head:", "head:0", "head:65536", 6379, None])
def test_what_no_engine_may_be(value):
    assert "HOST:PORT" in kinds.engine(value)


@contextmanager
def listening(says: bytes):
    """A server that says so to whoever connects: its port."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer():
            line, _ = server.accept()
            with line:
                line.recv(100)
                line.sendall(says)

        thread = threading.Thread(target=answer)
        thread.start()
        yield server.getsockname()[1]
        thread.join()


def test_an_address_is_asked_before_ray_waits_for_ever_at_it():
    with listening(bytes([0, 0, 6, 4, 0, 0, 0, 0, 0])) as port:
        nodes.check(f"127.0.0.1:{port}")
    with (
        listening(b"HTTP/1.0 400 no") as port,
        pytest.raises(UserError, match="something else that listens there"),
    ):
        nodes.check(f"127.0.0.1:{port}")
    with pytest.raises(UserError, match=rf"a Ray cluster at 127.0.0.1:{port}.*refused"):
        nodes.check(f"127.0.0.1:{port}")


def chosen(tmp_path, monkeypatch, value: str) -> None:
    monkeypatch.chdir(tmp_path)
    text = (ROOT / "params.yaml").read_text(encoding="utf-8")
    assert "engine: local " in text
    Path("params.yaml").write_text(text.replace("engine: local ", f"engine: {value} "), "utf-8")
    monkeypatch.setitem(engine.CHOSEN, "engine", None)
    engine.choose()


def test_the_engine_is_that_of_params_yaml(tmp_path, monkeypatch):
    chosen(tmp_path, monkeypatch, "LOCAL")
    assert not engine.away()


def test_without_ray_a_cluster_is_refused_with_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    monkeypatch.delitem(sys.modules, "faces.core.cluster", raising=False)
    with pytest.raises(UserError, match=r"the package ray .*requirements-ray\.txt"):
        chosen(tmp_path, monkeypatch, "head:6379")
