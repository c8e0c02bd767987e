"""Queued experiments, as the README says: apart from each other, and after a killed worker."""

import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tests.helpers.processes import alive
from tests.helpers.waiting import until

ROOT = Path(__file__).parents[2]
PIPELINE = "stages: {train: {cmd: python train.py, deps: [train.py], params: [lr], outs: [model]}}"
# A stage as ours are: it asks for the folder of a relative path, keeps its epochs, and goes on.
# It waits after the first until it may go.
STAGE = """
import os, re, time
from pathlib import Path
from faces.core import running
from faces.core.files import repository
from faces.sources.folder import locate

def main():
    lr = re.search("lr: (.*)", Path("params.yaml").read_text())[1]
    kept = repository() / ".cache" / lr
    kept.parent.mkdir(exist_ok=True)
    done = int(kept.read_text()) if kept.exists() else 0
    (repository() / ".cache" / "pid").write_text(str(os.getpid()))
    for epoch in range(done, 3):
        kept.write_text(str(epoch + 1))
        while not (repository() / "go").exists():
            time.sleep(0.1)
    photos = ",".join(sorted(p.name for p in locate("photos").iterdir()))
    Path("model").write_text(f"lr {lr}, went on after {done}, saw {photos}")

running.run(main)
"""


@pytest.fixture
def dvc(tmp_path):
    """Runs DVC in a new repository whose params have one key, lr."""
    project = tmp_path / "project"
    (project / "photos").mkdir(parents=True)
    (project / "photos" / "a.jpg").write_text("not in git")
    files = {"dvc.yaml": PIPELINE, "train.py": STAGE, "params.yaml": "lr: 1\n"}
    files[".gitignore"] = ".cache\nphotos\ngo\n"
    for name, content in files.items():
        (project / name).write_text(content)
    env = {**os.environ, "PYTHONPATH": str(ROOT), "GIT_CONFIG_GLOBAL": os.devnull}
    env["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), env["PATH"]])
    for who in ("AUTHOR", "COMMITTER"):
        env |= {f"GIT_{who}_NAME": "t", f"GIT_{who}_EMAIL": "t@example.com"}

    def run(*words: str, program: str = "dvc", ok: bool = True) -> str:
        words = [program, *words]
        # No pipe: the worker of a queue would hold it open.
        with tempfile.TemporaryFile("w+") as out:
            done = subprocess.run(words, cwd=project, env=env, stdout=out, stderr=out)
            out.seek(0)
            said = out.read()
        assert not ok or done.returncode == 0, said
        return said

    run.folder = project
    run("init", "-q", program="git")
    run("init", "-q")
    run("add", "-A", program="git")
    run("commit", "-qm", "start", program="git")
    yield run
    run("queue", "stop", "--kill", ok=False)


def tasks(dvc) -> dict[str, str]:
    """State by task, from `dvc queue status`."""
    rows = re.findall(r"^([0-9a-f]{7}) .* (\w+)$", dvc("queue", "status"), re.MULTILINE)
    return dict(rows)


def models(dvc) -> list[str]:
    """What the experiments have as their output, sorted."""
    revisions = re.findall(r"[0-9a-f]{40}", dvc("exp", "list", "--sha-only"))
    shown = []
    for revision in revisions:
        lock = dvc("show", f"{revision}:dvc.lock", program="git")
        md5 = re.search(r"path: model\n\s+hash: md5\n\s+md5: (\w+)", lock)[1]
        cached = dvc.folder / ".dvc" / "cache" / "files" / "md5" / md5[:2] / md5[2:]
        shown.append(cached.read_text())
    return sorted(shown)


@pytest.mark.soak
def test_a_sweep_runs_apart_and_goes_on_after_its_worker_was_killed(dvc):
    dvc("exp", "run", "--queue", "-S", "lr=2,3")
    dvc("queue", "start")

    def epochs_of(lr: str) -> Path:
        return dvc.folder / ".cache" / lr

    until(lambda: any(epochs_of(lr).exists() for lr in "23"), "the first epoch", pause=0.5)
    worker = json.loads((dvc.folder / ".dvc/tmp/exps/celery/dvc-exp-worker-1.json").read_text())
    os.kill(worker["pid"], 9)

    running = [task for task, state in tasks(dvc).items() if state == "Running"]
    assert len(running) == 1

    def is_known_to_be_killed() -> bool:
        dvc("queue", "kill", "--force", running[0], ok=False)
        return tasks(dvc)[running[0]] != "Running"

    until(is_known_to_be_killed, "the end of the killed run")
    (lr,) = (lr for lr in "23" if epochs_of(lr).exists())
    stage = int((dvc.folder / ".cache" / "pid").read_text())
    until(lambda: not alive(stage), "the stage to see that its DVC is gone")
    (dvc.folder / "go").touch()
    dvc("exp", "run", "--queue", "-S", f"lr={lr}")
    dvc("queue", "start")
    ends = ["Failed", "Success", "Success"]
    until(lambda: sorted(tasks(dvc).values()) == ends, "the end of the queue", pause=0.5)
    other = {"2": "3", "3": "2"}[lr]
    assert models(dvc) == sorted(
        [f"lr {lr}, went on after 1, saw a.jpg", f"lr {other}, went on after 0, saw a.jpg"]
    )
    assert (dvc.folder / "params.yaml").read_text() == "lr: 1\n"
