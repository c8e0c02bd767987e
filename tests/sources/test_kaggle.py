"""The official client, unmodified, in a process of its own, against a server of our own."""

import os
import random
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
import requests
from ruamel.yaml import YAML

from faces.core.errors import UserError
from faces.core.tasks import ARCHIVES
from faces.sources import kaggle_client
from tests.conftest import encoded, keypoint_members, keypoint_zip, photo, zip_of
from tests.helpers.kaggle import ROOT, RULES, TRIES, Done, driver, make_project, run, secrets_in
from tests.helpers.kaggle_server import (
    COMPETITION,
    DATASET,
    KEY,
    TOKEN,
    USER,
    Answer,
    answer,
    archive,
    broken,
    environment,
    error,
    page,
    redirect,
    resumable,
    serving,
)
from tests.helpers.waiting import HANG

POINTS, PHOTOS = "data-files/points.zip", "data-files/photos.zip"


@pytest.fixture(scope="module")
def contents():
    """Both archives as Kaggle sends them."""
    photos = {f"faces/{c}/{i}.jpg": encoded(photo(i)) for c in ("Male", "Female") for i in (1, 2)}
    return keypoint_zip(keypoint_members()), zip_of(photos)


@pytest.fixture
def project(tmp_path):
    return make_project(tmp_path / "project")


def script_for(contents, **answers) -> dict[str, list[Answer]]:
    """All goes well, but for the answers named: `competition`, `dataset`, `points`, `photos`."""
    points, photos = contents
    usual = {
        "competition": [redirect(POINTS + "?signed=1")],
        "points": [archive(points)],
        "dataset": [redirect(PHOTOS)],
        "photos": [archive(photos)],
    } | answers
    names = {"competition": COMPETITION, "dataset": DATASET, "points": POINTS, "photos": PHOTOS}
    return {names[key]: list(value) for key, value in usual.items()}


def ask_all(tmp_path: Path, *scripts: dict) -> tuple[list[Done], list[str]]:
    """The stage in a folder for each script, and what the server was asked for."""
    folders = [make_project(tmp_path / f"case-{i}") for i in range(len(scripts))]
    (tmp_path / "home").mkdir()
    with serving(*scripts) as server:
        return run(folders, environment(tmp_path / "home", server.server_port)), server.seen


def ask(folder: Path, script: dict, token: str | None = None) -> tuple[Done, list[str]]:
    """The finished stage, and what it asked the server for.

    Args:
        token: to sign in with, in place of the name and key.
    """
    home = folder / "home"
    home.mkdir(exist_ok=True)
    with serving(script) as server:
        variables = environment(home, server.server_port)
        if token:
            del variables["KAGGLE_USERNAME"], variables["KAGGLE_KEY"]
            variables["KAGGLE_API_TOKEN"] = token
        return run([folder], variables)[0], server.seen


def assert_refused(done: Done, *words: str) -> None:
    """One line with these words, exit status 1, and the earlier archives as they were."""
    assert done.status == 1, done.out + done.err
    assert len(done.err.strip().splitlines()) == 1, done.err
    assert done.err.startswith("error: Expected ")
    for word in words:
        assert word in done.err
    assert done.raw == {name: b"earlier " + name.encode() for name in ARCHIVES.values()}


def assert_whole(done: Done, contents) -> None:
    assert done.status == 0, done.out + done.err
    assert done.raw == dict(zip(ARCHIVES.values(), contents, strict=True))


def test_both_archives_arrive_as_sent_under_their_own_names(project, contents):
    done, seen = ask(project, script_for(contents))
    assert_whole(done, contents)
    assert seen == [COMPETITION, POINTS, DATASET, PHOTOS]


def test_without_credentials_the_error_says_how_to_get_them(project):
    (project / "home").mkdir()
    (done,) = run([project], environment(project / "home"))
    assert_refused(done, "Kaggle credentials", "kaggle.json", "source: sample")


def test_a_broken_kaggle_json_is_one_line(project):
    home = project / "home"
    (home / ".kaggle").mkdir(parents=True)
    (home / ".kaggle/kaggle.json").write_text(f"{{{KEY}", encoding="utf-8")
    (done,) = run([project], environment(home))
    assert_refused(done, "ones that cannot be used")


def test_a_token_signs_in_like_a_key(project, contents):
    signed_in = script_for(contents) | {TOKEN: [answer(active=True, username=USER)]}
    done, seen = ask(project, signed_in, token=KEY)
    assert_whole(done, contents)
    assert seen[0] == TOKEN and seen[-1] == PHOTOS


def test_a_token_that_is_no_longer_valid_is_one_line(project, contents):
    expired = script_for(contents) | {TOKEN: [answer(active=False)]}
    done, seen = ask(project, expired, token=KEY)
    assert_refused(done, "ones that cannot be used", "create an API token")
    assert set(seen) == {TOKEN}


def test_a_token_without_a_network_blames_the_network(project):
    (project / "home").mkdir()
    (done,) = run([project], environment(project / "home") | {"KAGGLE_API_TOKEN": KEY})
    assert_refused(done, "a broken connection", "Check the network")


# Which request, the answer, words of the error, how often it is asked for.
REFUSALS = [
    ("competition", error(401), ["credentials that it accepts", "status 401", "kaggle.json"], 1),
    ("competition", error(403), ["status 403", RULES], 1),
    ("competition", error(403, 200), ["status 403", RULES], 1),
    ("competition", error(404), ["facial-keypoints-detection", "status 404", "params.yaml"], 1),
    ("dataset", error(404), ["elangojoseph/face-detection", "status 404", "params.yaml"], 1),
    ("dataset", error(500), ["elangojoseph/face-detection", "status 500", "later"], TRIES),
    ("competition", error(429), ["status 429", "later"], TRIES),
    ("dataset", error(400, says=f"no, {KEY}"), ["status 400 no, ...", "later"], 1),
    ("competition", Answer(200, silent=True), ["broken connection (ReadTimeout)"], TRIES),
]


def test_a_refusal_is_one_line_that_says_what_to_do(tmp_path, contents):
    scripts = [script_for(contents, **{which: [given]}) for which, given, *_ in REFUSALS]
    results, seen = ask_all(tmp_path, *scripts)
    for done, (_, _, words, _) in zip(results, REFUSALS, strict=True):
        assert_refused(done, *words)
    times = [n for which, _, _, n in REFUSALS if which == "competition"]
    fine = sum(which == "dataset" for which, *_ in REFUSALS)
    assert seen.count(COMPETITION) == sum(times) + fine


def test_what_passes_is_asked_again_and_nothing_is_lost(tmp_path, contents):
    points, photos = contents
    error_page = Answer(503, b"<html>busy</html>", {"Content-Type": "text/html"})
    results, seen = ask_all(
        tmp_path,
        script_for(contents, competition=[error(429), error(503), redirect(POINTS)]),
        script_for(contents, competition=[error(429, Retry_After="7"), redirect(POINTS)]),
        script_for(contents, points=[page(), archive(points)]),
        script_for(contents, photos=[archive(photos, cut=len(photos) // 2), archive(photos)]),
        script_for(contents, photos=[broken(photos), archive(photos)]),
        script_for(contents, photos=[broken(photos, reset=True), archive(photos)]),
        # The client writes this page over what it has.
        script_for(contents, photos=[broken(photos), error_page, error_page, archive(photos)]),
    )
    for done in results:
        assert_whole(done, contents)
    assert seen[:4] == [COMPETITION] * 3 + [POINTS]
    assert "status 429; again in 0.01 s" in results[0].out
    assert "status 429; again in 7 s" in results[1].out
    assert "a web page" in results[2].out and "no whole archive" in results[3].out


def test_what_stays_wrong_replaces_nothing(tmp_path, contents):
    photos = contents[1]
    elsewhere = script_for(contents, competition=[redirect("login.html")])
    damaged = bytearray(contents[0])
    damaged[len(damaged) // 2] ^= 1
    results, _ = ask_all(
        tmp_path,
        script_for(contents, points=[page()]),
        script_for(contents, photos=[archive(photos, cut=len(photos) // 2)]),
        script_for(contents, photos=[broken(photos)]),
        script_for(contents, points=[archive(bytes(damaged))]),
        script_for(contents, photos=[archive(b"")]),
        {**elsewhere, "login.html": [page()]},
    )
    wanted = ["a web page in place of", "no whole archive", "broken connection", "is damaged"]
    for done, words in zip(results, [*wanted, "no whole archive", "a web page"], strict=True):
        assert_refused(done, words, "from Kaggle", "try again later")


@pytest.mark.parametrize("how", ["with a length", "without a length", "to go on from"])
def test_a_connection_cut_anywhere_replaces_nothing_and_loses_nothing(tmp_path, contents, how):
    """At ten places each, from the first byte to all but the last: once, and for ever."""
    photos = contents[1]
    places = [0, 1, *(len(photos) * i // 8 for i in range(1, 8)), len(photos) - 1]
    scripts = []
    for place in places:
        given, rest = archive(photos, cut=place), archive(photos)
        if how != "without a length":
            given = broken(photos, place / len(photos), ranges=how == "to go on from")
        if how == "to go on from":
            rest = resumable(photos)
        scripts += [script_for(contents, photos=[given, rest])]
        scripts += [script_for(contents, photos=[given])]
    results, _ = ask_all(tmp_path, *scripts)
    assert len(results) == 20
    for once, always in zip(results[::2], results[1::2], strict=True):
        assert_whole(once, contents)
        assert_refused(always, "the data set elangojoseph/face-detection", "try again later")


@pytest.mark.soak
def test_whatever_comes_in_whatever_order_nothing_wrong_arrives(tmp_path, contents):
    """300 downloads with up to two faults in a row at each of the four requests."""
    rng = random.Random()
    points, photos = contents
    refused = [error(s) for s in (401, 403, 404, 429, 500, 502, 503)] + [error(403, 200), page()]

    def faults(data: bytes) -> list[Answer]:
        place = rng.randrange(len(data))
        flipped = data[:place] + bytes([data[place] ^ 1 << rng.randrange(8)]) + data[place + 1 :]
        share = place / len(data)
        return [
            *refused,
            archive(data, cut=place),
            archive(flipped),
            archive(b""),
            broken(data, share),
            broken(data, share, ranges=True),
            broken(data, share, reset=True),
            resumable(data),
        ]

    def some(kinds: list[Answer], good: Answer) -> list[Answer]:
        return [*rng.choices(kinds, k=rng.choice((0, 0, 1, 2))), good]

    scripts = [
        script_for(
            contents,
            competition=some(refused, redirect(POINTS)),
            points=some(faults(points), archive(points)),
            dataset=some(refused, redirect(PHOTOS)),
            photos=some(faults(photos), archive(photos)),
        )
        for _ in range(300)
    ]
    results, _ = ask_all(tmp_path, *scripts)
    arrived = [done for done in results if done.status == 0]
    for done in results:
        if done.status == 0:
            assert_whole(done, contents)
        else:
            assert_refused(done)
    assert 0 < len(arrived) < len(results)


@pytest.mark.soak
def test_a_kill_at_any_time_leaves_whole_archives(project, contents):
    """20 kills, from the start of the process to after its end."""
    (project / "home").mkdir()
    words = driver("stages.download", project)
    earlier = {name: (project / "data/raw" / name).read_bytes() for name in ARCHIVES.values()}
    new = dict(zip(ARCHIVES.values(), contents, strict=True))
    slow = script_for(contents, points=[Answer(200, contents[0], late=0.3)])
    with serving(slow) as server:
        variables = environment(project / "home", server.server_port)
        started = time.monotonic()
        subprocess.run(words, cwd=ROOT, env=variables, capture_output=True, timeout=HANG)
        whole = time.monotonic() - started
        for part in range(20):
            for name, content in earlier.items():
                (project / "data/raw" / name).write_bytes(content)
            process = subprocess.Popen(words, cwd=ROOT, env=variables, stdout=subprocess.DEVNULL)
            time.sleep(whole * (0.4 + 0.7 * part / 20))
            process.kill()
            process.wait()
            for name in ARCHIVES.values():
                assert (project / "data/raw" / name).read_bytes() in (earlier[name], new[name])
        (done,) = run([project], variables)
    assert_whole(done, contents)


def test_dvc_keeps_no_secret(project, contents):
    """Not in its cache, lock file, logs or output; params.yaml and git have none either."""
    ignored = shutil.ignore_patterns("__pycache__")
    for name in ("stages", "faces"):
        shutil.copytree(ROOT / name, project / name, ignore=ignored)
    stages = YAML().load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))["stages"]
    chosen = {name: stages[name] for name in ("params", "download")}
    YAML().dump({"stages": chosen}, project / "dvc.yaml")
    home = project.parent / "home"
    home.mkdir()
    with serving(script_for(contents)) as server:
        variables = environment(home, server.server_port) | {"DVC_NO_ANALYTICS": "1"}
        variables["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
        said = ""
        for words in (["git", "init", "-q"], ["dvc", "init", "-q"], ["dvc", "repro", "-v"]):
            done = subprocess.run(
                words, cwd=project, env=variables, capture_output=True, text=True, timeout=HANG
            )
            said += done.stdout + done.stderr
            assert done.returncode == 0, said
    assert (project / "data/raw" / ARCHIVES["gender"]).read_bytes() == contents[1]
    assert (project / "dvc.lock").exists() and not secrets_in(project, said)


def test_garbage_that_is_there_already_is_no_archive(project, contents):
    """As large as the right one, and newer: the client would leave it, and go on with a part."""
    for name, content in zip(ARCHIVES.values(), contents, strict=True):
        (project / "data/raw" / name).write_bytes(b"g" * len(content))
    left = project / "data/.download-killed/face-detection"
    left.mkdir(parents=True)
    (left / "face-detection.zip").write_bytes(b"g" * 100)
    (left / "face-detection.zip.kaggle-partial").write_text("{}", encoding="utf-8")
    done, _ = ask(project, script_for(contents))
    assert_whole(done, contents)


def set_names(project: Path, **names: str) -> None:
    params = YAML().load(project / "params.yaml")
    params["kaggle"].update(names)
    YAML().dump(params, project / "params.yaml")


def test_names_that_meet_do_not_overwrite_each_other(project, contents):
    set_names(project, competition="faces", dataset="somebody/faces")
    done, _ = ask(project, script_for(contents))
    assert_whole(done, contents)


def test_a_name_that_the_client_refuses_is_one_line(project, contents):
    set_names(project, dataset="somebody/")
    done, _ = ask(project, script_for(contents))
    assert_refused(done, "the data set somebody/", "kaggle: in params.yaml")


class Api:
    """As much of the client as `attempt` looks at."""

    CONFIG_NAME_USER, CONFIG_NAME_KEY, CONFIG_NAME_TOKEN = "username", "key", "token"
    config_values = {"key": KEY}  # noqa: RUF012


def test_a_broken_connection_is_tried_again_and_then_reported(monkeypatch):
    monkeypatch.setattr(kaggle_client, "WAITS", (0, 0))
    calls = []

    def fail():
        calls.append(1)
        raise requests.ConnectionError("user:password@proxy")

    with pytest.raises(UserError, match=r"ConnectionError.*network") as caught:
        kaggle_client.attempt(Api(), fail, "the competition faces", "")
    assert len(calls) == 3 and "password" not in str(caught.value)


def test_a_full_disk_is_no_matter_of_the_network(monkeypatch):
    monkeypatch.setattr(kaggle_client, "WAITS", (0, 0))
    calls = []

    def fail():
        calls.append(1)
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        kaggle_client.attempt(Api(), fail, "the competition faces", "")
    assert len(calls) == 1


def test_nobody_waits_for_longer_than_a_while(monkeypatch):
    waits = []
    monkeypatch.setattr(kaggle_client.time, "sleep", waits.append)
    monkeypatch.setattr(kaggle_client.time, "monotonic", lambda: 1000 * len(waits))

    def fail():
        raise requests.Timeout

    with pytest.raises(UserError, match="Timeout"):
        kaggle_client.attempt(Api(), fail, "the competition faces", "")
    assert waits == [kaggle_client.WAITS[0]]


@pytest.mark.parametrize("place", [".kaggle", ".config/kaggle", "elsewhere", "xdg/kaggle"])
def test_credentials_are_found_where_the_client_looks(tmp_path, monkeypatch, place):
    for name in ("KAGGLE_API_TOKEN", "KAGGLE_USERNAME", "KAGGLE_KEY", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("KAGGLE_CONFIG_DIR", str(tmp_path / "elsewhere"))
    assert not kaggle_client.has_credentials()
    (tmp_path / place).mkdir(parents=True)
    (tmp_path / place / "kaggle.json").write_text("{}", encoding="utf-8")
    if place.startswith("xdg"):
        monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "xdg"))
    assert kaggle_client.has_credentials()
    shutil.rmtree(tmp_path / place)
    assert not kaggle_client.has_credentials()
    monkeypatch.setenv("KAGGLE_USERNAME", "a name alone")
    assert not kaggle_client.has_credentials()
    monkeypatch.setenv("KAGGLE_KEY", "and a key")
    assert kaggle_client.has_credentials()
