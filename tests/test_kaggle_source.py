"""The official client, unmodified, in a process of its own, against a server of our own."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import requests
from ruamel.yaml import YAML

from stages import kaggle_source
from stages.errors import UserError
from stages.tasks import ARCHIVES
from tests.conftest import encoded, keypoint_members, keypoint_zip, photo, zip_of
from tests.kaggle_server import (
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
    serving,
)

ROOT = Path(__file__).resolve().parents[1]
POINTS, PHOTOS = "data-files/points.zip", "data-files/photos.zip"
# Nobody sits out the waits between tries, ours and the client's.
SCRIPT = """
import sys
import time
time.sleep = lambda seconds: None
sys.path.insert(0, {root!r})
from stages import download, errors, kaggle_source
kaggle_source.WAITS = (0.01, 0.02)
errors.run(download.main)
"""


@pytest.fixture(scope="module")
def contents():
    """Both archives as Kaggle sends them."""
    photos = {f"faces/{c}/{i}.jpg": encoded(photo(i)) for c in ("Male", "Female") for i in (1, 2)}
    return keypoint_zip(keypoint_members()), zip_of(photos)


@pytest.fixture
def project(tmp_path):
    """A folder to run the stage in, with good archives of an earlier run."""
    params = YAML().load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    params["source"] = "kaggle"
    YAML().dump(params, tmp_path / "params.yaml")
    (tmp_path / "data/raw").mkdir(parents=True)
    (tmp_path / "data/source").mkdir()
    for name in ARCHIVES.values():
        (tmp_path / "data/raw" / name).write_bytes(b"earlier " + name.encode())
    return tmp_path


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


def run_stage(folder: Path, variables: dict[str, str]) -> subprocess.CompletedProcess:
    command = [sys.executable, "-c", SCRIPT.format(root=str(ROOT))]
    done = subprocess.run(
        command, cwd=folder, env=variables, capture_output=True, text=True, timeout=60
    )
    assert USER not in done.stdout + done.stderr and KEY not in done.stdout + done.stderr
    assert not list(folder.glob("data/.download-*"))
    return done


def ask(
    folder: Path, script: dict, token: str | None = None
) -> tuple[subprocess.CompletedProcess, list[str]]:
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
        done = run_stage(folder, variables)
        return done, server.seen


def assert_refused(folder: Path, done: subprocess.CompletedProcess, *words: str) -> None:
    """One line with these words, exit status 1, and the earlier archives as they were."""
    assert done.returncode == 1, done.stdout + done.stderr
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    assert done.stderr.startswith("error: Expected ")
    for word in words:
        assert word in done.stderr
    for name in ARCHIVES.values():
        assert (folder / "data/raw" / name).read_bytes() == b"earlier " + name.encode()


def test_both_archives_arrive_as_sent_under_their_own_names(project, contents):
    done, seen = ask(project, script_for(contents))
    assert done.returncode == 0, done.stderr
    for name, content in zip(ARCHIVES.values(), contents, strict=True):
        assert (project / "data/raw" / name).read_bytes() == content
    assert sorted(p.name for p in (project / "data/raw").iterdir()) == sorted(ARCHIVES.values())
    assert seen == [COMPETITION, POINTS, DATASET, PHOTOS]


def test_a_busy_server_is_asked_again(project, contents):
    busy = [error(429), error(503), redirect(POINTS)]
    done, seen = ask(project, script_for(contents, competition=busy))
    assert done.returncode == 0, done.stderr
    assert seen.count(COMPETITION) == 3 and "status 429; again in" in done.stdout
    assert (project / "data/raw" / ARCHIVES["keypoints"]).read_bytes() == contents[0]


def test_without_credentials_the_error_says_how_to_get_them(project):
    home = project / "home"
    home.mkdir()
    done = run_stage(project, environment(home))
    assert_refused(project, done, "Kaggle credentials", "kaggle.json", "source: sample")


def test_a_broken_kaggle_json_is_one_line(project):
    home = project / "home"
    (home / ".kaggle").mkdir(parents=True)
    (home / ".kaggle/kaggle.json").write_text(f"{{{KEY}", encoding="utf-8")
    done = run_stage(project, environment(home))
    assert_refused(project, done, "ones that cannot be used")


def test_a_token_signs_in_like_a_key(project, contents):
    signed_in = script_for(contents) | {TOKEN: [answer(active=True, username=USER)]}
    done, seen = ask(project, signed_in, token=KEY)
    assert done.returncode == 0, done.stderr
    assert seen[0] == TOKEN and seen[-1] == PHOTOS


def test_a_token_that_is_no_longer_valid_is_one_line(project, contents):
    expired = script_for(contents) | {TOKEN: [answer(active=False)]}
    done, seen = ask(project, expired, token=KEY)
    assert_refused(project, done, "ones that cannot be used", "create an API token")
    assert set(seen) == {TOKEN}


def test_a_token_without_a_network_blames_the_network(project):
    home = project / "home"
    home.mkdir()
    done = run_stage(project, environment(home) | {"KAGGLE_API_TOKEN": KEY})
    assert_refused(project, done, "a broken connection", "Check the network")


RULES = "https://www.kaggle.com/competitions/facial-keypoints-detection/rules"
REFUSALS = [
    ("competition", error(401), ["credentials that it accepts", "status 401"], 1),
    ("competition", error(403), ["status 403", RULES], 1),
    ("competition", error(403, 200), ["status 403", RULES], 1),
    ("dataset", error(404), ["elangojoseph/face-detection", "status 404", "params.yaml"], 1),
    ("dataset", error(500), ["elangojoseph/face-detection", "status 500"], 3),
]


@pytest.mark.parametrize(("which", "given", "words", "times"), REFUSALS)
def test_a_refusal_is_one_line_that_says_what_to_do(project, contents, which, given, words, times):
    done, seen = ask(project, script_for(contents, **{which: [given]}))
    assert_refused(project, done, *words)
    assert seen.count({"competition": COMPETITION, "dataset": DATASET}[which]) == times


def test_a_body_that_ends_early_replaces_nothing(project, contents):
    cut = archive(contents[1], cut=len(contents[1]) // 2)
    done, _ = ask(project, script_for(contents, photos=[cut]))
    assert_refused(project, done, "a zip archive at face-detection.zip")


def test_a_connection_that_keeps_breaking_replaces_nothing(project, contents):
    done, _ = ask(project, script_for(contents, photos=[broken(contents[1])]))
    assert_refused(project, done, "the data set elangojoseph/face-detection", "broken connection")


def test_a_connection_that_breaks_once_loses_nothing(project, contents):
    photos = [broken(contents[1]), archive(contents[1])]
    done, seen = ask(project, script_for(contents, photos=photos))
    assert done.returncode == 0 and seen.count(PHOTOS) == 2, done.stderr
    assert (project / "data/raw" / ARCHIVES["gender"]).read_bytes() == contents[1]


def test_a_page_in_place_of_the_archive_replaces_nothing(project, contents):
    done, _ = ask(project, script_for(contents, points=[page()]))
    assert_refused(project, done, "a zip archive at facial-keypoints-detection.zip")


def test_an_answer_that_is_no_zip_file_is_named(project, contents):
    elsewhere = script_for(contents, competition=[redirect("login.html")])
    done, _ = ask(project, {**elsewhere, "login.html": [page()]})
    assert_refused(project, done, "one zip archive", "facial-keypoints-detection.html")


def test_names_that_meet_do_not_overwrite_each_other(project, contents):
    params = YAML().load(project / "params.yaml")
    params["kaggle"] = {"competition": "faces", "dataset": "somebody/faces"}
    YAML().dump(params, project / "params.yaml")
    done, _ = ask(project, script_for(contents))
    assert done.returncode == 0, done.stderr
    for name, content in zip(ARCHIVES.values(), contents, strict=True):
        assert (project / "data/raw" / name).read_bytes() == content


def test_a_name_that_the_client_refuses_is_one_line(project, contents):
    params = YAML().load(project / "params.yaml")
    params["kaggle"]["dataset"] = "somebody/"
    YAML().dump(params, project / "params.yaml")
    done, _ = ask(project, script_for(contents))
    assert_refused(project, done, "the data set somebody/", "kaggle: in params.yaml")


def test_a_broken_connection_is_tried_again_and_then_reported(monkeypatch):
    monkeypatch.setattr(kaggle_source, "WAITS", (0, 0))
    calls = []

    def fail():
        calls.append(1)
        raise requests.ConnectionError("user:password@proxy")

    with pytest.raises(UserError, match=r"ConnectionError.*network") as caught:
        kaggle_source.attempt(fail, "the competition faces", "")
    assert len(calls) == 3 and "password" not in str(caught.value)


def test_a_full_disk_is_no_matter_of_the_network(monkeypatch):
    monkeypatch.setattr(kaggle_source, "WAITS", (0, 0))
    calls = []

    def fail():
        calls.append(1)
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        kaggle_source.attempt(fail, "the competition faces", "")
    assert len(calls) == 1


@pytest.mark.parametrize("place", [".kaggle", ".config/kaggle", "elsewhere", "xdg/kaggle"])
def test_credentials_are_found_where_the_client_looks(tmp_path, monkeypatch, place):
    for name in ("KAGGLE_API_TOKEN", "KAGGLE_USERNAME", "KAGGLE_KEY", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("KAGGLE_CONFIG_DIR", str(tmp_path / "elsewhere"))
    assert not kaggle_source.has_credentials()
    (tmp_path / place).mkdir(parents=True)
    (tmp_path / place / "kaggle.json").write_text("{}", encoding="utf-8")
    if place.startswith("xdg"):
        monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "xdg"))
    assert kaggle_source.has_credentials()
    shutil.rmtree(tmp_path / place)
    assert not kaggle_source.has_credentials()
    monkeypatch.setenv("KAGGLE_USERNAME", "a name alone")
    assert not kaggle_source.has_credentials()
    monkeypatch.setenv("KAGGLE_KEY", "and a key")
    assert kaggle_source.has_credentials()
