"""`make kernel` through the official client, unmodified, against a server of our own."""

import contextlib
import io
import json
import os
import shutil
import signal
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from faces.core.errors import UserError
from faces.kernel import home, pack, parcel, run, state, there
from faces.sources import kaggle_client
from tests.helpers.kaggle import RULES, driver, secrets_in
from tests.helpers.kaggle_server import (
    KERNEL,
    OUTPUTS,
    PUSH,
    QUOTA,
    STATUS,
    USER,
    Answer,
    answer,
    archive,
    broken,
    environment,
    error,
    gpu_hours,
    log_stream,
    serving,
    under_way,
)
from tests.helpers.make import make
from tests.helpers.waiting import HANG, until

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = "faces.kernel.__main__"
SLUG = "faces-from-archive-to-submission"
PAGE = f"https://www.kaggle.com/code/{USER}/{SLUG}"
STREAM, RESULTS, MANIFEST = f"stream/{USER}/{SLUG}", "file/results", "file/manifest"
# A pipeline with all kinds of outputs, that takes a moment.
DVC = """
stages:
  make:
    cmd: python stages/make.py
    deps: [stages/make.py, data/source]
    params: [source, lr]
    outs: [data/models, data/submission.csv, metrics/report.html]
    metrics:
      - metrics/keypoints.json: {cache: false}
      - metrics/gender.json: {cache: false}
"""
MAKE = """
import json, pathlib
text = pathlib.Path("params.yaml").read_text()
lr = next(line for line in text.splitlines() if line.startswith("lr:")).split()[1]
pathlib.Path("data/models").mkdir(parents=True, exist_ok=True)
pathlib.Path("metrics").mkdir(exist_ok=True)
models = ("data/models/a.keras", "data/models/b.keras")
for name in (*models, "data/submission.csv", "metrics/report.html"):
    pathlib.Path(name).write_text(f"{name} made with lr {lr}")
keypoints = {"rmse": 1.5, "rmse_mean_face": 4, "n_images": 9}
gender = {"accuracy": 0.9, "accuracy_interval": [0.8, 0.95], "n_images": 9}
for name, content in (("keypoints", keypoints), ("gender", gender)):
    pathlib.Path(f"metrics/{name}.json").write_text(json.dumps(content))
"""
TREE = {
    "dvc.yaml": DVC,
    "stages/make.py": MAKE,
    "faces/__init__.py": "",
    "data/source/README.md": "links",
    "requirements.txt": "dvc>=3",
    "constraints.txt": "",
    ".dvcignore": "",
    ".dvc/config": "[core]\n    analytics = false\n",
    ".gitignore": "\n".join(
        [".cache/", "/data/models", "/data/submission.csv", "/metrics/report.html"]
    ),
    ".dvc/.gitignore": "tmp\ncache\n",
}
NAMES = {
    f"GIT_{who}_{what}": "t@x.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")
}


def git(folder: Path, *words: str) -> None:
    variables = {**os.environ, **NAMES, "GIT_CONFIG_GLOBAL": os.devnull}
    subprocess.run(["git", *words], cwd=folder, env=variables, check=True, capture_output=True)


def make_project(folder: Path) -> Path:
    """A committed repository with the real params and notebook, and a small pipeline."""
    for name, content in TREE.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content, encoding="utf-8")
    for name in ("params.yaml", pack.NOTEBOOK):
        (folder / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
    git(folder, "init", "-q")
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "start")
    return folder


def with_python() -> dict[str, str]:
    """PATH, so that dvc.yaml's `python` is this one."""
    return {"PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])}


def package_of(folder: Path, *changes: str, **options) -> pack.Package:
    with contextlib.chdir(folder):
        return pack.package(pack.Options(changes=changes, **options))


@dataclass(frozen=True)
class Ran:
    """What a kernel has left: its results as an archive, and of which content they are."""

    results: bytes
    content: str

    def manifest(self, number: int = 1) -> dict:
        digest = there.hashlib.sha256(self.results).hexdigest()
        return {
            "id": state.mark(self.content, number),
            "commit": "abc1234",
            "seconds": 100,
            "versions": {"tensorflow": "2.0.0"},
            "gpu": ["GPU 0: Tesla T4 (UUID: GPU-1)"],
            "bytes": len(self.results),
            "sha256": digest,
        }


@pytest.fixture(scope="module")
def ran(tmp_path_factory) -> Ran:
    """The pipeline run as at Kaggle, with another learning rate: `-S lr=0.25`."""
    folder = make_project(tmp_path_factory.mktemp("ran") / "project")
    package = package_of(folder, "lr=0.25")
    with zipfile_of(package) as sent:
        shutil.copytree(sent, folder, dirs_exist_ok=True)
    variables = {**os.environ, **with_python()}
    subprocess.run(["dvc", "repro", "-q"], cwd=folder, env=variables, check=True)
    told = {"id": "", "commit": ""}
    parcel.pack(folder, folder / "working", told, 0)
    return Ran((folder / "working" / parcel.RESULTS).read_bytes(), package.content)


@contextlib.contextmanager
def zipfile_of(package: pack.Package):
    """A folder with what was sent, unpacked by the script itself."""
    import tempfile

    with tempfile.TemporaryDirectory() as name:
        text = pack.script(package, "x-1").split("    from faces.kernel", 1)[0]
        variables = {**os.environ, "FACES_KERNEL_TEMP": name}
        code = text.replace("sys.path.insert(0, str(PLACE))", "pass")
        subprocess.run([sys.executable, "-c", code], env=variables, check=True, cwd=name)
        yield Path(name, "faces")


def script_for(ran: Ran, number: int = 1, **answers) -> dict[str, list[Answer]]:
    """All goes well, but for the answers named."""
    manifest = json.dumps(ran.manifest(number)).encode()
    listed = [{"fileName": parcel.RESULTS, "url": f"http://localhost/{RESULTS}?sig=secret"}]
    listed += [{"fileName": there.MANIFEST, "url": f"http://localhost/{MANIFEST}?sig=secret"}]
    listed += [{"fileName": "report.html", "url": "http://localhost/not-asked-for"}]
    usual = {
        QUOTA: [gpu_hours(5, 30)],
        PUSH: [answer(ref=f"/code/{USER}/{SLUG}", url=PAGE, versionNumber=3)],
        STATUS: [under_way("QUEUED"), under_way("RUNNING"), under_way("COMPLETE")],
        STREAM: [log_stream("installing", "Running stage 'train'")],
        OUTPUTS: [answer(files=listed[:2], nextPageToken="2", log="[]"), answer(files=listed[2:])],
        RESULTS: [archive(ran.results)],
        MANIFEST: [archive(manifest)],
        KERNEL: [error(404)],
    }
    return {name: list(value) for name, value in {**usual, **answers}.items()}


@dataclass(frozen=True)
class Done:
    folder: Path
    status: object
    out: str
    err: str


def ask(tmp_path: Path, *cases: tuple[Path, list[str], dict]):
    """`make kernel` for each case, a folder, words and the server's script; and the server."""
    (tmp_path / "home").mkdir(exist_ok=True)
    folders, words, scripts = zip(*cases, strict=True)
    with serving(*scripts) as server:
        variables = environment(tmp_path / "home", server.server_port) | with_python()
        variables |= {"DRIVER_WORDS": json.dumps(words)}
        done = subprocess.run(
            driver(PROGRAM, *folders),
            cwd=ROOT,
            env=variables,
            capture_output=True,
            text=True,
            timeout=HANG,
        )
    assert done.returncode == 0, done.stdout + done.stderr
    results = json.loads(done.stdout)
    found = [
        Done(f, r["status"], r["out"], r["err"]) for f, r in zip(folders, results, strict=True)
    ]
    for one in found:
        assert not secrets_in(one.folder / ".cache", one.out + one.err.replace(USER, ""))[1:]
        assert "sig=secret" not in one.out + one.err
    return found, server


LR = ["-S", "lr=0.25"]


def assert_refused(done: Done, *words: str) -> None:
    assert done.status == 1, done.out + done.err
    assert len(done.err.strip().splitlines()) == 1 and done.err.startswith("error: Expected ")
    for word in words:
        assert word in done.err


def dvc(folder: Path, *words: str) -> str:
    variables = {**os.environ, **with_python()}
    done = subprocess.run(
        ["dvc", *words], cwd=folder, env=variables, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_what_ran_at_kaggle_comes_home_and_dvc_has_nothing_left_to_run(tmp_path, ran):
    folder = make_project(tmp_path / "project")
    (folder / "stages/more.py").write_text("new = 1")
    (done, again), server = ask(
        tmp_path, (folder, LR, script_for(ran)), (folder, LR, script_for(ran))
    )
    assert done.status == 0, done.out + done.err
    assert "uncommitted changes are not sent: stages/more.py" in done.out
    assert "25.0 of 30 hours of GPU left" in done.out and PAGE in done.out
    assert "queued" in done.out and "running: Running stage 'train'" in done.out
    assert "Tesla T4" in done.out and "tensorflow  2.0.0 there, here" in done.out
    assert "the next `dvc repro` runs nothing" in done.out and "RMSE 1.50 px" in done.out
    assert (folder / "data/models/b.keras").read_text().endswith("lr 0.25")
    assert "lr: 0.25 " in (folder / "params.yaml").read_text(encoding="utf-8")
    assert "Running" not in dvc(folder, "repro")
    sent = next(json.loads(body) for end, body, _ in server.bodies if end == PUSH)
    assert sent["machineShape"] == "NvidiaTeslaT4" and sent["isPrivate"] and sent["enableInternet"]
    assert sent["competitionDataSources"] == ["facial-keypoints-detection"]
    assert sent["newTitle"] == pack.Options.title and state.mark(ran.content, 1) in sent["text"]
    # The same kernel once more: it is home already, and a run costs hours.
    assert again.status == 0 and "The same was run, and is home: version 3" in again.out
    assert server.seen.count(PUSH) == 1 and "http://localhost/not-asked-for" not in server.seen


def test_the_notebook_comes_home_with_its_answers_and_the_command_to_submit_them(tmp_path):
    folder = make_project(tmp_path / "project")
    answers = Ran(b"RowId,Location\n1,2\n", package_of(folder, notebook=True).content)
    listed = [(there.SUBMISSION, RESULTS), (there.MANIFEST, MANIFEST)]
    files = [{"fileName": n, "url": f"http://localhost/{url}"} for n, url in listed]
    script = script_for(answers, **{OUTPUTS: [answer(files=files)]})
    (done,), server = ask(tmp_path, (folder, ["--notebook"], script))
    assert done.status == 0, done.out + done.err
    path = folder / ".cache/kernel/submission.csv"
    assert path.read_bytes() == answers.results and not (folder / "data/submission.csv").exists()
    assert "kaggle competitions submit -c facial-keypoints-detection -f .cache/kernel" in done.out
    sent = next(json.loads(body) for end, body, _ in server.bodies if end == PUSH)
    assert sent["kernelType"] == "notebook" and "datasetDataSources" not in sent
    cells = json.loads(sent["text"])["cells"]
    assert "there.run(PLACE, SETTINGS)" in cells[0]["source"] and cells[-1]["source"].startswith(
        "there."
    )


def test_what_is_sent_is_one_script_with_the_commit_and_its_changes(tmp_path):
    folder = make_project(tmp_path / "project")
    (folder / "stages/make.py").write_text("changed and not committed")
    package = package_of(folder, "lr=0.25", accelerator="none")
    kernel, _ = pack.write(tmp_path / "push", package, "me", "x-1")
    told = json.loads((tmp_path / "push" / pack.METADATA).read_text(encoding="utf-8"))
    assert kernel == f"me/{SLUG}" and told["id"] == kernel and told["code_file"] == pack.CODE
    assert told["competition_sources"] == ["facial-keypoints-detection"]
    assert told["dataset_sources"] == ["elangojoseph/face-detection"]
    assert not told["enable_gpu"] and told["enable_internet"] and "machine_shape" not in told
    assert sorted(p.name for p in (tmp_path / "push").iterdir()) == sorted(
        [pack.CODE, pack.METADATA]
    )
    with zipfile_of(package) as sent:
        assert (sent / "stages/make.py").read_text(encoding="utf-8") == MAKE
        text = (sent / "params.yaml").read_text(encoding="utf-8")
        assert "lr: 0.25 " in text and "source: kaggle" in text
    offline = package_of(folder, internet=False, wheels="me/wheels")
    pack.write(tmp_path / "push", offline, "me", "x-1")
    told = json.loads((tmp_path / "push" / pack.METADATA).read_text(encoding="utf-8"))
    assert not told["enable_internet"] and told["machine_shape"] == "NvidiaTeslaT4"
    assert told["dataset_sources"] == ["elangojoseph/face-detection", "me/wheels"]
    assert package_of(folder, "lr=0.25", accelerator="none").content == package.content
    assert package_of(folder, "lr=0.5", accelerator="none").content != package.content


def test_the_project_itself_fits_well_into_a_script(tmp_path, monkeypatch):
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(pack, "git", lambda *words: None)  # the files as they lie, as in a zip
    package = pack.package(pack.Options())
    _, size = pack.write(tmp_path / "push", package, "me", "x-1")
    assert size < pack.LARGEST / 4


def without_credentials(folder: Path, home: Path, *words: str) -> subprocess.CompletedProcess:
    home.mkdir()
    variables = environment(home) | {"DRIVER_WORDS": json.dumps([list(words)])}
    return subprocess.run(
        driver(PROGRAM, folder), cwd=ROOT, env=variables, capture_output=True, text=True
    )


def test_without_credentials_nothing_is_sent_and_the_way_to_some_is_said(tmp_path):
    folder = make_project(tmp_path / "project")
    result = json.loads(without_credentials(folder, tmp_path / "home").stdout)[0]
    assert result["status"] == 1 and "Expected Kaggle credentials" in result["err"]
    assert state.last() is None or not (folder / state.FILE).exists()


SPENT = "Maximum weekly GPU quota of 30.00 hours reached."
# What is answered, words of the refusal, how often something is sent.
REFUSALS = [
    ({QUOTA: [gpu_hours(30, 30)]}, ["30.0 of 30.0 used", "2026-01-03", "ACCELERATOR=none"], 0),
    ({QUOTA: [gpu_hours(0, 0)]}, ["none at all", "Verify your phone"], 0),
    ({PUSH: [answer(error=SPENT)], QUOTA: [error(404)]}, [SPENT, "ACCELERATOR=none"], 1),
    ({PUSH: [answer(error="Phone verification is required.")]}, ["Verify your phone"], 1),
    ({PUSH: [answer(error="Maximum batch GPU session count of 2 reached.")]}, ["Wait until"], 1),
    ({PUSH: [answer(error="Notebook not found")]}, ["--title"], 1),
    ({PUSH: [error(401)]}, ["credentials that it accepts"], 1),
    ({PUSH: [error(403)]}, ["status 403", RULES], 1),
    ({PUSH: [error(429)]}, ["status 429"], 3),
    ({PUSH: [error(500)]}, ["no clear answer (HTTPError)", "it looks first"], 1),
    (
        {PUSH: [answer(url=PAGE, invalidCompetitionSources=["facial-keypoints-detection"])]},
        ["not facial-keypoints-detection", RULES],
        1,
    ),
    (
        {PUSH: [answer(url=PAGE, invalidDatasetSources=["elangojoseph/face-detection"])]},
        ["not elangojoseph/face-detection", "under kaggle: in params.yaml"],
        1,
    ),
    (
        {STATUS: [under_way("RUNNING"), error(503)]},
        ["none for half an hour", "goes on from here"],
        1,
    ),
    ({STATUS: [under_way("RUNNING"), under_way("CANCEL_ACKNOWLEDGED")]}, ["it was stopped"], 1),
    ({OUTPUTS: [answer(files=[])]}, ["no manifest.json", "try again later"], 1),
]


def test_a_refusal_is_one_line_that_says_what_to_do_and_costs_no_second_run(tmp_path, ran):
    cases = []
    for i, (answers, _, _) in enumerate(REFUSALS):
        cases.append((make_project(tmp_path / f"case-{i}"), LR, script_for(ran, **answers)))
    results, server = ask(tmp_path, *cases)
    for done, (_, words, _) in zip(results, REFUSALS, strict=True):
        assert_refused(done, *words)
        assert not (done.folder / "data/models").exists()
    assert server.seen.count(PUSH) == sum(times for *_, times in REFUSALS)


def test_a_kernel_that_fails_shows_the_end_of_its_log(tmp_path, ran):
    lines = [*(f"line {i}" for i in range(40)), "Traceback (most recent call last):"]
    lines += [
        '  File "there.py", line 1, in run',
        "faces.kernel.there.Refused: Expected a GPU. No.",
    ]
    failed = {STATUS: [under_way("RUNNING"), under_way("ERROR", "exit status 1")]}
    kept = json.dumps([{"stream_name": "stderr", "time": 1, "data": f"{line}\n"} for line in lines])
    first, second = make_project(tmp_path / "1"), make_project(tmp_path / "2")
    results, server = ask(
        tmp_path,
        (first, LR, script_for(ran, **failed, **{STREAM: [log_stream(*lines)]})),
        (
            second,
            LR,
            script_for(ran, **failed, **{STREAM: [error(404)], OUTPUTS: [answer(log=kept)]}),
        ),
        (second, LR, script_for(ran, number=2)),
    )
    for done in results[:2]:
        assert_refused(done, "exit status 1 Expected a GPU. No.", PAGE)
        assert "Traceback" in done.out and "line 39" in done.out and "line 0\n" not in done.out
    # What has failed may be tried again, with the same words.
    assert results[2].status == 0, results[2].err
    assert server.seen.count(PUSH) == 3


def test_what_may_have_arrived_is_looked_for_and_not_sent_again(tmp_path, ran):
    mark = state.mark(ran.content, 1)
    kernel = answer(metadata={"slug": SLUG}, blob={"source": f"... {mark} ..."})
    cut = Answer(200, b'{"ur', {"Content-Length": "99"}, cut=4)
    folders = [make_project(tmp_path / str(i)) for i in range(3)]
    results, server = ask(
        tmp_path,
        (folders[0], LR, script_for(ran, **{PUSH: [error(500)], KERNEL: [error(404), kernel]})),
        (folders[1], LR, script_for(ran, **{PUSH: [cut], KERNEL: [kernel]})),
        # Not to be found at once: the next command looks again, and does not send it, nor another.
        (folders[2], LR, script_for(ran, **{PUSH: [error(500)], KERNEL: [error(503)]})),
        (folders[2], [], script_for(ran, **{KERNEL: [kernel], STATUS: [under_way("RUNNING")]})),
        (folders[2], LR, script_for(ran, **{KERNEL: [kernel]})),
    )
    assert [done.status for done in results] == [0, 0, 1, 1, 0], [done.err for done in results]
    assert_refused(results[3], "no other run under way")
    assert "goes on with" in results[4].out and server.seen.count(PUSH) == 3


def test_a_queue_a_network_and_outputs_with_faults_end_well(tmp_path, ran):
    old, queue = under_way("COMPLETE"), [under_way("QUEUED")] * 200
    busy = [error(503), error(403), Answer(502, b"<html>"), under_way("RUNNING"), error(500)]
    folders = [make_project(tmp_path / str(i)) for i in range(3)]
    pages = script_for(ran)[OUTPUTS]
    data, other = ran.results, json.dumps({**ran.manifest(), "id": "another-1"}).encode()
    results, _ = ask(
        tmp_path,
        # The end of the version before is not taken for the end of this one.
        (folders[0], LR, script_for(ran, **{STATUS: [old, old, *queue, *busy, old]})),
        (
            folders[1],
            LR,
            script_for(
                ran, **{RESULTS: [archive(data, cut=99), archive(data)], OUTPUTS: pages * 2}
            ),
        ),
        (
            folders[2],
            LR,
            script_for(
                ran,
                **{
                    RESULTS: [broken(data, 0.7), archive(data)],
                    OUTPUTS: [error(503), pages[0], *pages],
                },
            ),
        ),
    )
    for done in results:
        assert done.status == 0, done.out + done.err
    assert results[0].out.count("queued") == 1
    assert "99 of the" in results[1].out
    stale = make_project(tmp_path / "stale")
    (refused,), _ = ask(tmp_path, (stale, LR, script_for(ran, **{MANIFEST: [archive(other)]})))
    assert_refused(refused, "the outputs of another run, another-1", "--anew")


def test_another_run_is_not_sent_over_one_that_has_not_come_home(tmp_path, ran):
    folder = make_project(tmp_path / "project")
    never = {STATUS: [under_way("RUNNING"), error(503)]}
    going = {STATUS: [under_way("RUNNING")]}
    over = {STATUS: [under_way("COMPLETE")]}
    results, server = ask(
        tmp_path,
        (folder, LR, script_for(ran, **never)),
        (folder, ["-S", "lr=0.5"], script_for(ran, **going)),
        (folder, ["-S", "lr=0.5"], script_for(ran, **over)),
        (folder, ["--last"], script_for(ran, **over)),
        (folder, ["--last"], script_for(ran, **over)),
    )
    assert_refused(results[1], "which is not known to have ended", "--last", "--anew")
    assert_refused(results[2], "has ended, and is not home")
    assert results[3].status == 0 and results[4].status == 0, results[3].err + results[4].err
    assert server.seen.count(PUSH) == 1


def test_what_was_changed_here_meanwhile_is_kept_and_what_differs_is_said(tmp_path, ran):
    folder = make_project(tmp_path / "project")
    never = {STATUS: [under_way("RUNNING"), error(503)]}
    (first,), _ = ask(tmp_path, (folder, LR, script_for(ran, **never)))
    assert first.status == 1
    text = (folder / "params.yaml").read_text(encoding="utf-8")
    mine = text.replace("lr: 0.002", "lr: 0.125")
    (folder / "params.yaml").write_text(mine, encoding="utf-8")
    (folder / "metrics").mkdir()
    (folder / "metrics/keypoints.json").write_text("mine")
    (done,), _ = ask(tmp_path, (folder, ["--last"], script_for(ran)))
    assert done.status == 0, done.out + done.err
    assert (folder / "params.yaml").read_text(encoding="utf-8") == mine
    assert "changed meanwhile" in done.out and "  make: params.yaml" in done.out
    assert (folder / ".cache/kernel/before/metrics/keypoints.json").read_text() == "mine"


def test_params_that_an_earlier_run_brought_home_are_no_change_of_ones_own(tmp_path, ran):
    folder = make_project(tmp_path / "project")
    never = {STATUS: [under_way("RUNNING"), error(503)]}
    (first, other), _ = ask(
        tmp_path,
        (folder, LR, script_for(ran)),
        (folder, ["-S", "lr=0.5"], script_for(ran, **never)),
    )
    assert first.status == 0 and other.status == 1, first.out + first.err + other.out
    sent = json.loads((folder / ".cache/kernel/run.json").read_text(encoding="utf-8"))
    assert sent["params"] == home.sha256(folder / "params.yaml")


def test_ctrl_c_while_waiting_says_how_to_go_on_and_the_same_command_does(tmp_path, ran):
    folder = make_project(tmp_path / "project")
    (tmp_path / "home").mkdir()
    with serving(script_for(ran, **{STATUS: [under_way("QUEUED")]})) as server:
        variables = environment(tmp_path / "home", server.server_port) | with_python()
        variables["DRIVER_WORDS"] = json.dumps([LR])
        process = subprocess.Popen(
            driver(PROGRAM, folder),
            cwd=ROOT,
            env=variables,
            stdout=subprocess.PIPE,
            text=True,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        )
        until(lambda: server.seen.count(STATUS) > 2 or process.poll() is not None, "three looks")
        assert process.poll() is None
        process.send_signal(signal.SIGINT)
        (result,) = json.loads(process.communicate(timeout=HANG)[0])
    assert result["status"] == 130
    assert f"Kaggle runs it without us: {PAGE}. `make kernel` goes on from here." in result["out"]
    (done,), server = ask(tmp_path, (folder, LR, script_for(ran)))
    assert done.status == 0 and f"goes on with {PAGE}, version 3" in done.out, done.err
    assert PUSH not in server.seen


BAD_WORDS = {
    "no such key": (["-S", "learning=1"], "changes of params"),
    "no pair": (["-S", "lr"], "changes of params"),
    "a bad value": (["-S", "lr=-1"], "a number from 1e-08 to 10 for lr"),
    "a folder": (["-S", "source=mine"], "source=kaggle or source=sample"),
    "labels": (["-S", "gender.labels=mine.csv"], "no gender.labels"),
    "a TPU": (["--accelerator", "TpuV5E8"], "one of Kaggle's GPUs"),
    "a short title": (["--title", "abc"], "a title of 5 to 50 characters"),
    "a long title": (["--title", "a" * 51], "a title of 5 to 50 characters"),
    "a title with a number first": (["--title", "99 faces"], "begins with a letter"),
    "nothing sent": (["--last"], "a run that was sent"),
}


def test_what_cannot_be_run_is_refused_before_anything_is_sent(tmp_path, ran):
    folder = make_project(tmp_path / "project")
    cases = [(folder, words, script_for(ran)) for words, _ in BAD_WORDS.values()]
    results, server = ask(tmp_path, *cases)
    for done, (_, words) in zip(results, BAD_WORDS.values(), strict=True):
        assert_refused(done, words)
    assert PUSH not in server.seen


def test_outside_of_a_repository_with_commits_it_says_so(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError, match=r"Run from the repository|Run it in the repository"):
        pack.package(pack.Options())
    git(tmp_path, "init", "-q")
    with pytest.raises(UserError, match="Run it in the repository"):
        pack.package(pack.Options())


def rezipped(data: bytes, **changes: bytes | None) -> zipfile.ZipFile:
    """The archive with members replaced or added."""
    content = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(content, "w") as new:
        members = {n: old.read(n) for n in old.namelist()} | changes
        for name, body in members.items():
            new.writestr(name, body)
    return zipfile.ZipFile(content)


@pytest.mark.parametrize("name", ["../../evil", "cache/../evil", "/evil", "work/stages/make.py"])
def test_an_archive_with_a_file_that_is_no_output_is_refused(tmp_path, ran, name):
    with pytest.raises(ValueError, match="no output"):
        parcel.unpack(rezipped(ran.results, **{name: b"evil"}), tmp_path / "cache")
    assert not list(tmp_path.rglob("*evil*"))


def test_an_object_that_is_not_what_its_name_says_does_not_enter_the_cache(tmp_path, ran):
    with zipfile.ZipFile(io.BytesIO(ran.results)) as archive_:
        name = next(n for n in archive_.namelist() if parcel.OBJECT.fullmatch(n))
    with pytest.raises(ValueError, match="another hash"):
        parcel.unpack(rezipped(ran.results, **{name: b"other"}), tmp_path / "cache")
    assert not (tmp_path / "cache" / name.removeprefix("cache/")).exists()


LAYOUTS = ["", "competitions", "deep/er"]


@pytest.mark.parametrize("above", LAYOUTS)
@pytest.mark.parametrize("packed", [True, False])
def test_the_input_is_found_at_any_depth_packed_or_not(tmp_path, monkeypatch, above, packed):
    monkeypatch.setattr(there, "INPUT", tmp_path / "input")
    points = tmp_path / "input" / above / "facial-keypoints-detection"
    photos = tmp_path / "input" / above / "somebody" / "face-detection"
    for folder in (points, photos / "faces/Male"):
        folder.mkdir(parents=True)
    whole = points / "facial-keypoints-detection.zip" if packed else points / "training.zip"
    whole.touch()
    (photos / "faces/Male/1.jpg").touch()
    told = {"competition": "facial-keypoints-detection", "dataset": "face-detection"}
    there.lay_out({**told, "source": "kaggle", "notebook": False}, tmp_path / "laid")
    ending = ".zip" if packed else ""
    link = tmp_path / "laid" / f"facial-keypoints-detection{ending}"
    assert link.resolve() == (whole if packed else points).resolve()
    assert (tmp_path / "laid/face-detection/faces/Male/1.jpg").is_file()


def test_an_input_that_is_not_there_is_named_with_the_rules(tmp_path, monkeypatch):
    monkeypatch.setattr(there, "INPUT", tmp_path)
    (tmp_path / "datasets/elangojoseph/face-detection").mkdir(parents=True)
    told = {"competition": "facial-keypoints-detection", "dataset": "face-detection"}
    with pytest.raises(there.Refused, match=rf"datasets/elangojoseph. Accept the rules \({RULES}"):
        there.lay_out({**told, "source": "kaggle", "notebook": False}, tmp_path / "laid")


def test_without_a_gpu_or_internet_the_kernel_says_that_a_phone_must_be_verified(
    tmp_path, monkeypatch
):
    told = {"gpu": True, "commit": "", "internet": True, "notebook": False, "backend": "jax"}
    (tmp_path / "faces/.dvc").mkdir(parents=True)
    monkeypatch.setattr(there, "seen_gpus", list)
    with pytest.raises(there.Refused, match=r"Expected a GPU. Received: none.*Phone verification"):
        there.run(tmp_path / "faces", told)
    (tmp_path / "constraints.txt").write_text("dvc==99\nno-such-package==1\n")
    (tmp_path / "requirements.txt").write_text("no-such-package-of-ours>=1\n")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    assert not there.is_complete(sys.executable, tmp_path)
    with pytest.raises(there.Refused, match="once a phone is verified"):
        there.install(sys.executable, tmp_path, told)
    with pytest.raises(there.Refused, match="a data set of wheels"):
        there.install(sys.executable, tmp_path, {**told, "internet": False})


def test_what_the_image_has_stays_and_constraints_are_for_the_rest(tmp_path, monkeypatch):
    (tmp_path / "constraints.txt").write_text("numpy==0\nabsent==1.5\n")
    (tmp_path / "requirements.txt").write_text("numpy\n")
    monkeypatch.setattr(there, "version", {"numpy": "2.0.2"}.get)
    monkeypatch.setattr(there.subprocess, "run", lambda *a, **k: subprocess.CompletedProcess(a, 0))
    there.install("python", tmp_path, {"internet": True})
    assert (tmp_path / "limits.txt").read_text().split() == ["numpy==2.0.2", "absent==1.5"]


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not here")
def test_make_hands_the_accelerator_and_the_arguments_on(tmp_path):
    git(tmp_path, "init", "-q")
    done = make(tmp_path, "kernel", "ACCELERATOR=none", "ARGS=-S lr=0.1 --title 'Faces on a T4'")
    assert done.stdout == "5|--accelerator=none|-S|lr=0.1|--title|Faces on a T4|", done.stderr


class Interrupted:
    """A client whose user presses Ctrl-C."""

    def kernels_status(self, kernel):
        raise KeyboardInterrupt


def test_an_interrupt_is_not_taken_for_a_busy_network(monkeypatch, capsys):
    monkeypatch.setattr(run.time, "sleep", lambda seconds: None)
    with pytest.raises(KeyboardInterrupt):
        run.wait(Interrupted(), state.Run("a", 1, "me/faces", ""))
    assert "https://www.kaggle.com/code/me/faces" in capsys.readouterr().out


def test_a_log_without_an_end_is_listened_to_for_a_moment(monkeypatch):
    class Chatty:
        def kernels_logs_stream(self, kernel):
            while True:
                yield {"data": "a line"}

    monkeypatch.setattr(run, "LISTEN", 0.05)
    assert set(run.log(Chatty(), state.Run("a", 1, "me/faces", ""))) == {"a line"}
    assert kaggle_client.SILENCE > run.GLANCE
