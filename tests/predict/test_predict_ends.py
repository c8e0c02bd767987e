"""How predict ends, as a program: stopped, with a reader that has gone, on a full disk."""

import fcntl
import json
import os
import signal
import subprocess
import sys
import termios
import time
from pathlib import Path

import pytest

from tests.detection.conftest import dotted
from tests.helpers import waiting
from tests.helpers.waiting import HANG

ROOT = Path(__file__).parents[2]
WORDS = [sys.executable, "-m", "tests.helpers.stub_predict"]
OLD = '["of an earlier run"]\n'


@pytest.fixture
def photos(tmp_path):
    """A folder of six photos with a face each."""
    folder = tmp_path / "in"
    folder.mkdir()
    for i in range(6):
        dotted((160, 120), (80.0, 56.0, 30.0)).save(folder / f"{i}.png")
    return folder


def environment(**more) -> dict:
    return {**os.environ, **{name: str(value) for name, value in more.items()}}


def start(*words, **more) -> subprocess.Popen:
    """The program, which may be interrupted even where the tests' own shell ignores that."""
    return subprocess.Popen(
        [*WORDS, *map(str, words)],
        cwd=ROOT,
        env=environment(**more),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )


def run(*words, tail="", **more) -> subprocess.CompletedProcess:
    """The program in a shell, with what follows its words there."""
    command = ["bash", "-c", f'set -o pipefail; "$@" {tail}', "bash", *WORDS, *map(str, words)]
    environ = environment(**more)
    return subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, timeout=HANG)


def until(met, process: subprocess.Popen) -> None:
    """Wait until something is so, as long as the program runs."""

    def happens() -> bool:
        found = met()
        assert found or process.poll() is None, process.communicate()
        return found

    waiting.until(happens, "predict", 0.02)


def answers_in(path: Path) -> int:
    """How many answers are there; none in a file that was made just now, and is empty."""
    text = path.read_text() if path.exists() else ""
    return len(json.loads(text)) if text else 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_stopped_run_leaves_what_it_answered_under_its_name(photos, tmp_path, number):
    path = tmp_path / "answers.json"
    path.write_text(OLD)
    process = start(photos, "--json", path, STUB_SECONDS=0.3)
    until(lambda: answers_in(tmp_path / ".answers.unfinished.json") >= 2, process)
    assert path.read_text() == OLD
    process.send_signal(number)
    _, said = process.communicate(timeout=HANG)
    kept = answers_in(path)
    assert 2 <= kept < 6 and process.returncode == 128 + number
    assert said.splitlines()[-1] == f"stopped: {path} has the {kept} answers given until then"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["answers.json", "in"]


def test_a_run_that_is_stopped_before_its_first_answer_leaves_the_file_of_before(photos, tmp_path):
    path = tmp_path / "answers.json"
    path.write_text(OLD)
    process = start(photos, "--json", path, STUB_SECONDS=60)
    until((tmp_path / ".answers.unfinished.json").exists, process)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=HANG)
    assert process.returncode == 130 and said.splitlines()[-1] == "stopped"
    assert path.read_text() == OLD and len(list(tmp_path.iterdir())) == 2


def test_what_a_killed_run_leaves_can_be_read(photos, tmp_path):
    process = start(photos, "--json", tmp_path / "answers.json", STUB_SECONDS=0.2)
    unfinished = tmp_path / ".answers.unfinished.json"
    until(lambda: answers_in(unfinished) >= 2, process)
    process.kill()
    process.communicate()
    assert answers_in(unfinished) >= 2


def test_a_list_on_stdout_is_closed_also_where_the_run_is_stopped(photos):
    process = start(photos, STUB_SECONDS=0.3)
    came = b""
    while b"faces" not in came:
        came += os.read(process.stdout.fileno(), 9999)
    process.send_signal(signal.SIGINT)
    rest, said = process.communicate(timeout=HANG)
    answers = json.loads(came + rest.encode())
    assert 1 <= len(answers) < 6 and process.returncode == 130
    assert said.splitlines()[-1].startswith("stopped: stdout has the ")


@pytest.mark.skipif(not hasattr(fcntl, "F_SETPIPE_SZ"), reason="no pipes of a chosen size")
def test_a_second_interrupt_does_not_wait_for_a_reader_that_never_comes(photos):
    process = start(photos)
    fcntl.fcntl(process.stdout, fcntl.F_SETPIPE_SZ, 4096)
    until(lambda: waiting_in(process.stdout) > 3000, process)  # no room for a third answer
    time.sleep(0.5)  # until that is being written
    process.send_signal(signal.SIGINT)
    with pytest.raises(subprocess.TimeoutExpired):  # it may still be read: the answer is not cut
        process.wait(1)
    process.send_signal(signal.SIGINT)
    assert process.wait(HANG) == 130
    assert process.communicate()[1].splitlines()[-1].startswith("stopped: stdout has the ")


def waiting_in(pipe) -> int:
    """Bytes in a pipe that nobody has read yet."""
    return int.from_bytes(fcntl.ioctl(pipe, termios.FIONREAD, bytes(4)), sys.byteorder)


def test_a_reader_that_has_seen_enough_ends_the_run_without_a_word(photos):
    done = run(photos, tail="| head -2", STUB_SECONDS=0.1)
    assert done.stdout == b"[\n  {\n" and done.returncode == 141
    assert b"error" not in done.stderr.lower() and b"Traceback" not in done.stderr


def test_a_full_disk_leaves_the_answers_that_have_room(photos, tmp_path):
    path = tmp_path / "answers.json"
    whole = run(photos, "--json", path)
    assert whole.returncode == 0 and answers_in(path) == 6
    limit = path.stat().st_size // 2
    done = run(photos, "--json", path, STUB_LIMIT=limit)
    kept = answers_in(path)
    assert 1 <= kept <= 3 and done.returncode == 1 and path.stat().st_size <= limit
    said = done.stderr.decode().splitlines()[-1]
    assert said.startswith("error: ") and f"has the {kept} answers given until then" in said


def test_a_full_disk_behind_stdout_is_one_line(photos):
    done = run(photos, tail="> /dev/full")
    said = [line for line in done.stderr.decode().splitlines() if "photo" not in line]
    assert done.returncode == 1 and len(said) == 1 and "to stdout" in said[0]


@pytest.mark.parametrize("tail", ["--json >(cat >{out}; sync)", "--json /dev/stdout | cat >{out}"])
def test_what_is_open_already_is_written_to(photos, tmp_path, tail):
    out = tmp_path / "out.json"
    done = run(photos, tail=tail.format(out=out) + "; s=$?; wait $! 2>/dev/null; exit $s")
    assert done.returncode == 0, done.stderr
    assert answers_in(out) == 6


def test_what_stands_before_in_a_file_that_is_stdout_stays(photos, tmp_path):
    log = tmp_path / "log"
    log.write_text("before\n")
    assert run(photos, tail=f"--json /dev/stdout >> {log}").returncode == 0
    first, rest = log.read_text().split("\n", 1)
    assert first == "before" and len(json.loads(rest)) == 6


def test_a_closed_stdout_and_a_closed_stderr_end_in_no_traceback(photos, tmp_path):
    done = run(photos, tail=">&-")
    assert done.returncode == 1 and b"a closed stdout" in done.stderr
    assert run(photos, "--json", tmp_path / "a.json", tail="2>&-").returncode == 0
    assert answers_in(tmp_path / "a.json") == 6


NAME = b"caf\xe9-\xea\xb0\x80.png"  # Latin-1, and then UTF-8


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"PYTHONIOENCODING": "utf-8:strict"},
        {"PYTHONIOENCODING": "ascii"},
        {"PYTHONIOENCODING": "latin-1"},
        {"PYTHONIOENCODING": "utf-16"},
        {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"},
    ],
)
def test_a_name_in_any_bytes_comes_back_from_stdout_in_any_encoding(photos, settings):
    odd = os.fsencode(photos / os.fsdecode(NAME))
    (photos / "3.png").rename(os.fsdecode(odd))
    done = run(photos, **settings)
    assert done.returncode == 0, done.stderr
    encoding = settings.get("PYTHONIOENCODING", "utf-8").partition(":")[0]
    answers = json.loads(done.stdout.decode(encoding))
    paths = [os.fsencode(a["path"]) for a in answers]
    if "LC_ALL" not in settings:  # there Python itself reads all names as bytes of ASCII
        assert odd in paths
    assert len(answers) == 6 and all(len(a["faces"]) == 1 for a in answers)


def test_a_log_of_a_run_has_lines_that_say_how_much_is_done(photos):
    done = run(photos, STUB_SECONDS=0.2, TQDM_MININTERVAL=0.3)
    lines = done.stderr.decode().splitlines()
    assert b"\r" not in done.stderr and 2 <= len(lines) <= 6
    assert all("/6 " in line for line in lines)
