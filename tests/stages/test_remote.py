"""Outputs through an S3 server from one clone to another: the second has nothing left to run."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest
import requests
import yaml

from tests.helpers.clone import Clone, ran
from tests.helpers.waiting import HANG, until

pytestmark = pytest.mark.slow

SECRET = "a-secret-of-the-tests"
FIRST_STAGES = ("params", "download", "clean")


@pytest.fixture(scope="module")
def s3(tmp_path_factory):
    """The address of an S3 server on this machine, with a bucket `faces`."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    room = tmp_path_factory.mktemp("s3")
    log = (room / "log").open("w")
    server = subprocess.Popen(command, stdout=log, stderr=log)
    address = f"http://127.0.0.1:{port}"

    def bucket_is_there() -> bool:
        assert server.poll() is None, (room / "log").read_text()
        try:
            return requests.put(f"{address}/faces", timeout=HANG).ok
        except requests.ConnectionError:
            return False

    try:
        until(bucket_is_there, "the S3 server")
        yield address
    finally:
        server.terminate()
        server.wait()
        log.close()


@pytest.fixture
def signed_in(monkeypatch):
    for name, value in {
        "AWS_ACCESS_KEY_ID": "somebody",
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_DEFAULT_REGION": "us-east-1",
        "NO_PROXY": "127.0.0.1",
        "no_proxy": "127.0.0.1",
    }.items():
        monkeypatch.setenv(name, value)


def cut_to(clone: Clone, stages: tuple[str, ...]) -> None:
    """The pipeline without its later stages and their plots, of fewer rows."""
    path = clone.folder / "dvc.yaml"
    whole = yaml.safe_load(path.read_text(encoding="utf-8"))["stages"]
    path.write_text(yaml.safe_dump({"stages": {name: whole[name] for name in stages}}))
    params = clone.folder / "params.yaml"
    text = params.read_text(encoding="utf-8").replace("rows: 60 ", "rows: 20 ")
    params.write_text(text.replace("photos: 60 ", "photos: 20 "), encoding="utf-8")


def cloned(first: Clone, room: Path) -> Clone:
    """A git clone of that clone, without any data."""
    second = Clone(room)
    second.trace.mkdir(parents=True)
    first.git("clone", "-q", str(first.folder), str(second.folder))
    return second


def outputs(clone: Clone) -> dict[str, bytes]:
    rooms = (clone.folder / "data", clone.folder / "metrics")
    files = [p for room in rooms for p in sorted(room.rglob("*")) if p.is_file()]
    files = [p for p in files if p.name != "times.js"]  # of this clone, no output
    return {p.relative_to(clone.folder).as_posix(): p.read_bytes() for p in files}


def push_and_pull(clone: Clone, address: str, tmp_path: Path) -> None:
    clone.dvc("repro")
    # As the README says.
    clone.dvc("remote", "add", "-d", "storage", "s3://faces/store")
    clone.dvc("remote", "modify", "storage", "endpointurl", address)
    clone.commit("run")
    clone.dvc("push")
    second = cloned(clone, tmp_path / "second")
    assert not (second.folder / "data/raw/face-detection.zip").exists()
    second.dvc("pull")
    assert ran(second.dvc("repro")) == set()
    assert outputs(second) == outputs(clone) and len(outputs(second)) > 4
    assert "up to date" in second.dvc("status") and not second.git("status", "--short")
    for file in (p for c in (clone, second) for p in c.folder.rglob("*") if p.is_file()):
        assert SECRET.encode() not in file.read_bytes(), file


def test_a_second_clone_pulls_what_the_first_pushed_and_runs_nothing(s3, signed_in, tmp_path):
    clone = Clone.new(tmp_path / "first")
    cut_to(clone, FIRST_STAGES)
    push_and_pull(clone, s3, tmp_path)


@pytest.mark.soak
def test_the_whole_pipeline_too_and_a_remote_that_is_gone_loses_nothing(
    s3, signed_in, clone, tmp_path
):
    push_and_pull(clone, s3, tmp_path)
    before = outputs(clone)
    clone.dvc("remote", "modify", "storage", "endpointurl", "http://127.0.0.1:9")
    for words in ("push", "pull", "fetch"):
        done = clone.run("dvc", words, "-f" if words == "pull" else "-v", ok=False)
        assert outputs(clone) == before, done.stderr
