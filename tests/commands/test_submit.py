"""`make submit` through the official client, unmodified, against a server of our own."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from faces import submit, summary
from faces.core import errors
from faces.core.errors import UserError
from tests.helpers.kaggle import RULES, TRIES, Done, make_project, run
from tests.helpers.kaggle_server import (
    CREATE,
    LIST,
    START,
    UPLOAD,
    Answer,
    answer,
    environment,
    error,
    serving,
)
from tests.helpers.make import make
from tests.helpers.waiting import HANG

MESSAGE = "a message of the tests"  # of tests/helpers/kaggle_driver.py
IDS = [3, 1, 2, 7]
GOOD = "RowId,Location\n3,0\n1,96\n2,47.25\n7,1e1\n"


def entry(ref=7, status="COMPLETE", **more) -> dict:
    usual = {"ref": ref, "fileName": "submission.csv", "status": status, "description": MESSAGE}
    return usual | {"date": "2026-01-01T00:00:00.000Z"} | more


def submissions(*entries: dict) -> Answer:
    return answer(submissions=list(entries))


SCORED = entry(publicScore="1.98", privateScore="1.75")
OLD = entry(ref=5, publicScore="9.9", privateScore="9.9")


def script_for(**answers) -> dict[str, list[Answer]]:
    """All goes well, but for the answers named: `start`, `upload`, `create`, `list`."""
    usual = {
        "start": [answer(token="one-time-token", createUrl=f"http://localhost/{UPLOAD}?sig=s")],
        "upload": [answer()],
        "create": [answer(message="Successfully submitted", ref=7)],
        "list": [submissions(OLD), submissions(entry(status="PENDING"), OLD), submissions(SCORED)],
    } | answers
    names = {"start": START, "upload": UPLOAD, "create": CREATE, "list": LIST}
    return {names[key]: list(value) for key, value in usual.items()}


def make_submission(folder: Path, content: str = GOOD) -> Path:
    make_project(folder)
    (folder / "data/submission.csv").write_text(content, encoding="utf-8")
    (folder / "data/clean/keypoints").mkdir(parents=True)
    lookup = np.array([[i, 0, 0] for i in IDS], np.int32)
    np.save(folder / "data/clean/keypoints/lookup.npy", lookup)
    return folder


def ask_all(tmp_path: Path, *scripts: dict):
    """`submit` in a folder for each script, and the server."""
    folders = [make_submission(tmp_path / f"case-{i}") for i in range(len(scripts))]
    (tmp_path / "home").mkdir()
    with serving(*scripts) as server:
        variables = environment(tmp_path / "home", server.server_port)
        return run(folders, variables, "faces.submit"), server


def assert_refused(done: Done, *words: str) -> None:
    assert done.status == 1, done.out + done.err
    assert len(done.err.strip().splitlines()) == 1 and done.err.startswith("error: Expected ")
    for word in words:
        assert word in done.err
    assert "one-time-token" not in done.out + done.err and "sig=" not in done.out + done.err


def assert_scored(done: Done) -> None:
    assert done.status == 0, done.out + done.err
    assert "4 values submitted to facial-keypoints-detection, number 7" in done.out
    assert "public 1.98, private 1.75" in done.out and not done.err


def test_a_good_file_is_submitted_and_its_score_reported(tmp_path):
    (done,), server = ask_all(tmp_path, script_for())
    assert_scored(done)
    assert server.seen == [LIST, START, UPLOAD, CREATE, LIST, LIST]
    sent = {end: body for end, body, _ in server.bodies}
    assert sent[UPLOAD] == GOOD.encode() and MESSAGE.encode() in sent[CREATE]
    headers = next(h for end, _, h in server.bodies if end == UPLOAD)
    assert "Authorization" not in headers


def test_what_passes_is_asked_again_and_submitted_once(tmp_path):
    start, created = script_for()[START][0], answer(message="Successfully submitted", ref=7)
    lists = script_for()[LIST]
    results, server = ask_all(
        tmp_path,
        script_for(start=[error(429), error(500), start]),
        script_for(upload=[Answer(500), answer()]),
        script_for(list=[error(503), *lists]),
        script_for(list=[lists[0], error(500), error(429), *lists[1:]]),
        script_for(create=[error(429), created]),
        # These may have counted: they are looked for, not sent again.
        script_for(create=[error(500)]),
        script_for(create=[Answer(200, b'{"mess', {"Content-Length": "99"}, cut=6)]),
        script_for(create=[answer(message="Successfully submitted")]),
    )
    for done in results:
        assert_scored(done)
    assert server.seen.count(CREATE) == len(results) + 1  # 429: that one did not count


REFUSALS = [
    ({"list": [error(401)]}, ["credentials that it accepts", "kaggle.json"]),
    ({"list": [error(403)]}, ["status 403", RULES]),
    ({"list": [error(404)]}, ["status 404", "params.yaml"]),
    ({"list": [error(500)]}, ["the submissions to", "status 500"]),
    ({"start": [error(400, says="5 a day")]}, ["status 400 5 a day"]),
    ({"start": [error(429)]}, ["status 429"]),
    # The client calls these a success.
    ({"upload": [Answer(403)]}, ["an upload that failed"]),
    ({"upload": [Answer(503)]}, ["an upload that failed"]),
    ({"create": [error(500)], "list": [submissions(OLD)]}, ["HTTPError", "/submissions before"]),
    ({"create": [answer(message="?")], "list": [submissions(OLD)]}, ["Received: ?", "before you"]),
    (
        {"list": [submissions(OLD), submissions(entry(status="ERROR", errorDescription="rows"))]},
        ["a submission that Kaggle can score. Received: rows", "/submissions"],
    ),
]


def test_a_failure_is_never_called_a_success(tmp_path):
    results, server = ask_all(tmp_path, *(script_for(**answers) for answers, _ in REFUSALS))
    for done, (_, words) in zip(results, REFUSALS, strict=True):
        assert_refused(done, *words)
    assert server.seen.count(UPLOAD) == 2 * TRIES + 3


def test_a_score_that_does_not_come_is_no_failure(tmp_path):
    pending = [submissions(OLD), submissions(entry(status="PENDING"))]
    results, _ = ask_all(
        tmp_path, script_for(list=pending), script_for(list=[pending[0], error(500)])
    )
    for done in results:
        assert done.status == 0 and "no score yet: it will be at https://www.kaggle" in done.out


BAD = {
    "no file": (None, "no such file"),
    "nothing": ("", "as comma separated text"),
    "bytes": ("RowId,Location\n\0\x01", "the 4 RowIds"),
    "other columns": ("Id,Location\n3,1\n", "the columns RowId, Location"),
    "another column": ("RowId,Location,x\n3,1,1\n", "the columns RowId, Location"),
    "a longer row": (GOOD.replace("47.25", "47.25,9"), "as comma separated text"),
    "a row less": (GOOD.rsplit("7", 1)[0], "Received: 3 rows"),
    "another order": ("RowId,Location\n1,0\n3,0\n2,0\n7,0\n", "1 in place of 3"),
    "no RowId": (GOOD.replace("2,", "x,"), "nan in place of 2"),
    "NaN": (GOOD.replace("47.25", "nan"), "from 0 to 96 in RowId 2"),
    "nothing in a row": (GOOD.replace("47.25", ""), "from 0 to 96 in RowId 2"),
    "infinity": (GOOD.replace("47.25", "inf"), "from 0 to 96 in RowId 2"),
    "above": (GOOD.replace("47.25", "96.01"), "from 0 to 96 in RowId 2. Received: 96.01"),
    "below": (GOOD.replace("47.25", "-0.01"), "from 0 to 96 in RowId 2. Received: -0.01"),
    "a word": (GOOD.replace("47.25", "True"), "from 0 to 96 in RowId 2. Received: True"),
}


@pytest.mark.parametrize("what", BAD)
def test_a_bad_file_is_not_even_sent(tmp_path, monkeypatch, what):
    content, words = BAD[what]
    monkeypatch.chdir(make_submission(tmp_path / "project", content or ""))
    monkeypatch.setattr(sys, "argv", ["submit", MESSAGE])
    monkeypatch.setattr(submit.kaggle_client, "client", lambda: pytest.fail("asked Kaggle"))
    if content is None:
        Path("data/submission.csv").unlink()
    with pytest.raises(UserError) as caught:
        submit.main()
    assert words in str(caught.value)


def test_a_file_too_large_is_not_read(tmp_path):
    path = tmp_path / "submission.csv"
    with path.open("wb") as file:
        file.truncate(submit.LARGEST + 1)
    with pytest.raises(UserError, match="at most"):
        submit.read(path)


def test_kaggles_own_command_works_as_it_is_written(tmp_path):
    """As at the end of `make run`: the client's command line, through a shell."""
    folder = make_submission(tmp_path / "project")
    line = summary.submit_lines("kaggle", "facial-keypoints-detection")[1]
    command = line[line.index("kaggle competitions") :]
    (tmp_path / "home").mkdir()
    with serving(script_for()) as server:
        variables = environment(tmp_path / "home", server.server_port)
        variables["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
        done = subprocess.run(
            command,
            shell=True,
            cwd=folder,
            env=variables,
            capture_output=True,
            text=True,
            timeout=HANG,
        )
    assert done.returncode == 0 and "Successfully submitted" in done.stdout, done.stderr
    sent = {end: body for end, body, _ in server.bodies}
    assert sent[UPLOAD] == GOOD.encode() and b"what is new" in sent[CREATE]


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not here")
@pytest.mark.parametrize("message", ["two words", 'it\'s `5` $HOME $(oops) "quoted"; #1', ""])
def test_make_hands_the_message_on_as_it_is(tmp_path, message):
    done = make(tmp_path, "submit", f"MESSAGE={message}")
    assert done.stdout == f"1|{message}|", done.stderr
    assert make(tmp_path, "submit").stdout == "1||"


def test_an_interrupt_while_waiting_for_the_score_says_that_it_is_submitted(monkeypatch):
    def interrupted(api, competition, number):
        raise KeyboardInterrupt

    settings = {"competition": "faces", "source": "kaggle"}
    monkeypatch.setattr(submit.sys, "argv", ["submit", "wider"])
    monkeypatch.setattr(submit.params, "load", lambda *_: settings)
    monkeypatch.setattr(submit.files, "load_arrays", lambda *_: {"lookup": np.ones((3, 3))})
    monkeypatch.setattr(submit, "read", lambda _: None)
    monkeypatch.setattr(submit, "check", lambda *_: None)
    monkeypatch.setattr(submit.kaggle_client, "client", lambda: None)
    monkeypatch.setattr(submit, "send", lambda *_: 7)
    monkeypatch.setattr(submit, "score", interrupted)
    with pytest.raises(errors.Stopped) as stop:
        submit.main()
    assert "number 7: do not send it again" in stop.value.kept
    assert submit.page("faces") in stop.value.kept
