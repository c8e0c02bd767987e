"""Trainings on a real Ray cluster, in a network of its own: the same bytes, and what may die."""

import os
import re
import signal
import time
from pathlib import Path

import pytest
import yaml

from faces.core import engine
from tests.detection.conftest import dotted
from tests.helpers import cluster
from tests.helpers.clone import Clone
from tests.helpers.processes import children
from tests.helpers.waiting import HANG, until

pytestmark = pytest.mark.slow

WHY_NOT = cluster.why_not()
if WHY_NOT:
    pytest.skip(WHY_NOT, allow_module_level=True)
DRIVER = ("python", "-m", "tests.helpers.on_cluster")


@pytest.fixture(scope="module")
def ray(tmp_path_factory):
    """A cluster whose head has no core. What stands still is held by a file."""
    found = cluster.Cluster(tmp_path_factory.mktemp("cluster"))
    yield found
    found.close()


@pytest.fixture
def nodes(ray):
    """Starts nodes of one core each; they end with the test."""
    begun = []

    def start(*names: str) -> None:
        for name in names:
            ray.start(name)
            begun.append(name)

    yield start
    ray.hold.unlink(missing_ok=True)
    for name in begun:
        if ray.processes(name):
            ray.kill(name)


@pytest.fixture(scope="module")
def trained(ray) -> dict[str, bytes]:
    """The members that are trained without a cluster."""
    status, said = ray.run(*DRIVER, "train", "here", "local")
    assert status == 0, said
    return contents(ray.folder("head") / "here")


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.glob("*.npz")}


def begun(ray, *names: str) -> list[Path]:
    """What is kept of trainings on these nodes."""
    return [p for n in names for p in ray.folder(n).glob(".cache/members/[!.]*.begun.npz")]


def errors(said: str) -> list[str]:
    return [line for line in said.splitlines() if line.startswith("error: ")]


def test_networks_of_two_nodes_are_those_trained_here(ray, nodes, trained):
    nodes("one", "two")
    status, said = ray.run(*DRIVER, "train", "there")
    assert status == 0, said
    assert len(trained) == 2 and contents(ray.folder("head") / "there") == trained
    for name in ("one", "two"):
        assert len(list(ray.folder(name).glob(".cache/members/*.npz"))) == 1, said
    for words in (["check", "checked", "local"], ["check", "checked away"]):
        status, said = ray.run(*DRIVER, *words)
        assert status == 0, said
    assert "2 of 2 trainings came back" in said
    answers = [ray.folder("head") / f / "answers.npy" for f in ("checked", "checked away")]
    assert answers[0].read_bytes() == answers[1].read_bytes()

    status, said = ray.run(*DRIVER, "diverge", "diverged")
    assert status == 1 and "Lower lr" in errors(said)[0], said
    status, said = ray.run(*DRIVER, "crashes", "none")
    assert status == 1 and "whose process died 3 times" in errors(said)[0], said
    assert said.count("a process on a node died: one of the numbers begins again") == 2


def test_a_training_whose_node_is_killed_goes_on_elsewhere_from_its_last_epoch(
    ray, nodes, trained, tmp_path
):
    for name in ("three", "four", "five"):
        (ray.folder(name) / ".cache").symlink_to(tmp_path)
    ray.hold.touch()
    nodes("three", "four")
    driver = ray.begin(*DRIVER, "train", "killed")
    until(lambda: len(begun(ray, "three")) == 2, "the first epoch of both")
    ray.kill("three")
    ray.kill("four")
    lines = iter(driver.stdout.readline, "")
    seen = []
    while not any("no node has so many; start one" in line for line in seen):
        seen.append(next(lines))
    nodes("five")
    ray.hold.unlink()
    said = "".join(seen) + driver.communicate(timeout=HANG)[0]
    assert driver.returncode == 0, said
    assert said.count("a node died: one of the trainings begins again") == 2, said
    assert contents(ray.folder("head") / "killed") == trained
    logs = "".join(p.read_text() for p in ray.short.glob("session_latest/logs/worker-*.out"))
    assert logs.count("going on after epoch 1") == 2


def test_photos_whose_node_is_killed_are_read_elsewhere_and_keep_their_order(ray, nodes):
    status, said = ray.run(*DRIVER, "resize", "small", "local")
    assert status == 0, said
    ray.hold.touch()
    nodes("six", "seven")
    driver = ray.begin(*DRIVER, "resize", "small there")
    until(lambda: all((ray.folder(n) / "asked").exists() for n in ("six", "seven")), "both")
    ray.kill("six")
    ray.hold.unlink()
    said, _ = driver.communicate(timeout=HANG)
    assert driver.returncode == 0 and "a node died: one of the chunks of photos" in said, said
    files = [ray.folder("head") / name / "photos.npy" for name in ("small", "small there")]
    assert files[0].read_bytes() == files[1].read_bytes()


def test_a_driver_that_is_killed_or_stopped_keeps_what_came_back(ray, nodes, trained):
    nodes("eight")
    folder = ray.folder("head") / "stopped"
    folder.mkdir()
    first = min(trained)
    (folder / first).write_bytes(trained[first])
    for number, status in ((signal.SIGKILL, 128 + 9), (signal.SIGINT, 130)):
        ray.hold.touch()
        driver = ray.begin(*DRIVER, "train", "stopped")
        assert next(line for line in driver.stdout if "trainings go to" in line)
        until(lambda: begun(ray, "eight"), "an epoch")
        started = time.monotonic()
        for pid in children(driver.pid):
            os.kill(pid, number)
        said, _ = driver.communicate(timeout=HANG)
        assert time.monotonic() - started < 60 and "Traceback" not in said, said
        assert driver.returncode in (status, -number), said
        assert contents(folder) == {first: trained[first]}
    assert said.splitlines()[-1] == "stopped"
    ray.hold.unlink()
    status, said = ray.run(*DRIVER, "train", "stopped")
    assert status == 0 and "1 of 1 trainings came back" in said, said
    assert contents(folder) == trained


def test_a_node_of_another_commit_is_refused_in_a_line(ray, nodes):
    module = ray.folder("nine") / "faces" / "training" / "batches.py"
    module.write_text(module.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    nodes("nine")
    status, said = ray.run(*DRIVER, "train", "refused")
    assert status == 1 and "Traceback" not in said
    (line,) = errors(said)
    assert re.search(r"a node of the same code.*with other code\. Have the same commit", line), said
    assert not (ray.folder("head") / "refused").exists()


def test_a_dead_address_is_a_line(ray):
    params = ray.folder("head") / "params.yaml"
    text = params.read_text(encoding="utf-8")
    params.write_text(text.replace(cluster.ADDRESS, "127.0.0.1:1"), encoding="utf-8")
    status, said = ray.run("python", "-m", "stages.train", "gender")
    params.write_text(text, encoding="utf-8")
    assert status == 1 and said.count("\n") == 1
    assert errors(said) and "a Ray cluster at 127.0.0.1:1" in said and "refused" in said


@pytest.mark.soak
def test_the_whole_pipeline_on_a_cluster_has_the_hashes_of_one_on_this_machine(
    finished, ray, nodes, tmp_path
):
    clone = Clone.new(tmp_path / "room")
    params = clone.folder / "params.yaml"
    text = params.read_text(encoding="utf-8")
    params.write_text(text.replace("engine: local ", f"engine: {cluster.ADDRESS} "), "utf-8")
    nodes("ten", "eleven")
    status, said = ray.run("dvc", "repro", folder=clone.folder)
    assert status == 0, said
    assert said.count("trainings go to the cluster") >= 5
    locks = [yaml.safe_load((c.folder / "dvc.lock").read_text("utf-8")) for c in (clone, finished)]
    found, wanted = ({name: s["outs"] for name, s in lock["stages"].items()} for lock in locks)
    assert found == wanted

    photos = [str(p) for p in sorted((clone.folder / "data/raw").glob("*.zip"))]
    for number in range(engine.CHUNK + 5):
        photo = dotted((160, 120), (80.0, 56.0, 30.0))
        photo.putpixel((number, 0), (number, 0, 0))
        photo.save(tmp_path / f"{number}.png")
    words = ["python", "-m", "faces.predict", str(tmp_path), *photos, "--crop", "none"]
    answers = []
    for where in ("local", cluster.ADDRESS):
        more = ["--engine", where, "--json", "answers.json", "--overlay", f"drawn {where}"]
        status, said = ray.run(*words, *more, folder=clone.folder)
        assert status == 1, said  # an archive is no photo
        drawn = sorted((clone.folder / f"drawn {where}").iterdir())
        assert len(drawn) == engine.CHUNK + 5
        pictures = [path.read_bytes() for path in drawn]
        answers.append((pictures, (clone.folder / "answers.json").read_text(encoding="utf-8")))
    assert answers[0] == answers[1]


@pytest.mark.soak
def test_four_nodes_take_at_most_three_tenths_of_the_time_of_one(ray, nodes):
    took = []
    for names in (["a"], ["b", "c", "d"]):
        nodes(*names)
        status, said = ray.run(*DRIVER, "sleep", "30")
        assert status == 0, said
        took.append(float(re.search(r"all slept after (.*) s", said)[1]))
    print("one node and four nodes:", took)
    assert took[1] <= 0.3 * took[0]
