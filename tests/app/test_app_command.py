"""The command itself, in a process of its own, with small models."""

import os
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import numpy as np
import pytest

from faces.app import __main__ as command
from faces.core import files, tasks
from faces.core.errors import UserError
from faces.sources.drawn.photos import draw_photo
from faces.training import exporting
from tests.conftest import encoded
from tests.helpers.waiting import HANG

ROOT = Path(__file__).parents[2]


@pytest.fixture
def started(tmp_path):
    """Starts the command in a folder of its own; its process and first lines."""
    processes = []

    def start(*words, lines=1):
        (tmp_path / "temporary").mkdir(exist_ok=True)
        env = {**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(tmp_path / "temporary")}
        process = subprocess.Popen(
            [sys.executable, "-m", "faces.app", "--port", "0", *words],
            cwd=tmp_path, env=env, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        processes.append(process)
        return process, [process.stdout.readline() for _ in range(lines)]

    yield start
    for process in processes:
        process.kill()
        process.communicate()


def address_in(line: str) -> str:
    return next(word for word in line.split() if word.startswith("http://127.0.0.1:"))


def save_models(folder):
    small = {
        "keypoints": ({"model": "heatmaps", "width": 4, "depth": 1}, (96, 96, 1), 19),
        "gender": ({"model": "residual", "width": 4, "depth": 1}, (24, 24, 3), 2),
    }
    folder.mkdir(parents=True)
    for task, built in small.items():
        model = tasks.module(task, "model.network").build(*built)
        exporting.export(model, folder / f"{task}.tflite", task, np.zeros((1, *built[1])))
    files.save_json(folder / "gender.json", ["Male", "Female"])


def post(address: str, data: bytes) -> bytes:
    head = b'--x\r\nContent-Disposition: form-data; name="p"; filename="p.png"\r\n\r\n'
    kind = {"Content-Type": "multipart/form-data; boundary=x"}
    request = urllib.request.Request(f"{address}/predict", head + data + b"\r\n--x--\r\n", kind)
    with urllib.request.urlopen(request, timeout=HANG) as response:
        return response.read()


def open_files(process) -> list[str]:
    links = (Path("/proc") / str(process.pid) / "fd").iterdir()
    return [str(link.readlink()) for link in links]


def test_trained_models_answer_and_no_photo_is_left(started, tmp_path):
    save_models(tmp_path / "data" / "models")
    process, (line,) = started()
    before = {path for path in tmp_path.rglob("*") if path.is_file()}
    photo = encoded(draw_photo((1, "gender", "Male", 0)).resize((1000, 1200)), "BMP")
    assert len(photo) > 2**20
    said = post(address_in(line), photo)
    assert said.startswith(b'[{"path":"p.png","error":null,"faces":[')
    assert {path for path in tmp_path.rglob("*") if path.is_file()} == before
    if Path("/proc").is_dir():
        assert not [name for name in open_files(process) if name.startswith(str(tmp_path))]
    process.send_signal(signal.SIGINT)
    assert process.wait(HANG) == 0
    assert "Traceback" not in process.stderr.read()


def test_labels_are_kept_when_the_server_is_killed(started, tmp_path):
    (tmp_path / "params.yaml").write_bytes((ROOT / "params.yaml").read_bytes())
    (tmp_path / "my photos").mkdir()
    for i in range(2):
        photo = draw_photo((1, "gender", "Male", i))
        (tmp_path / "my photos" / f"{i}.png").write_bytes(encoded(photo, "PNG"))
    process, lines = started("--label", "my photos", "--labels", "", lines=2)
    body = b'{"file": "0.png", "label": "Female"}'
    kind = {"Content-Type": "application/json"}
    address = address_in(lines[1]).removesuffix("/label")
    request = urllib.request.Request(f"{address}/label/answer", body, kind)
    with urllib.request.urlopen(request, timeout=HANG):
        process.kill()
    assert (tmp_path / "my photos" / "labels.csv").read_text() == "file,label\n0.png,Female\n"
    _, lines = started("--label", "my photos", "--labels", "", lines=2)
    assert lines[0] == "2 photos, 1 of them labelled.\n"


def test_a_busy_port_is_said_in_a_line():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(UserError, match=rf"Received: {port}, which another program uses.*PORT"):
            command.bound(str(port))


@pytest.mark.parametrize("port", ["abc", "-1", "65536", "", "80a"])
def test_what_is_no_port_is_said_in_a_line(port):
    with pytest.raises(UserError, match="a port from 0 to 65535"):
        command.bound(port)


def test_it_listens_on_this_machine_alone():
    with command.bound("0") as listening:
        assert listening.getsockname()[0] == "127.0.0.1"


def test_labelling_without_a_folder_says_how(tmp_path):
    with pytest.raises(UserError, match="make label PHOTOS=folder"):
        command.open_book("", None)
