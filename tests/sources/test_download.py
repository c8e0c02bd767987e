import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from faces.core import paths, running
from faces.core.errors import UserError
from faces.core.tasks import ARCHIVES
from faces.sources import fetching as download
from faces.sources import folder as folder_source
from stages import download as stage
from tests.conftest import encoded, keypoint_members, keypoint_zip, photo, zip_of
from tests.helpers.waiting import HANG

ROOT = Path(__file__).resolve().parents[2]
POINTS, PHOTOS = ARCHIVES["keypoints"], ARCHIVES["gender"]


def photos_zip(first=0) -> bytes:
    return zip_of({f"{c}/{first + i}.jpg": encoded(photo(i)) for i, c in enumerate("ab")})


def points_zip(seed=0) -> bytes:
    return keypoint_zip(keypoint_members(2, 2, seed))


def set_params(folder: Path, **changes) -> None:
    """The repository's params.yaml with these values: `gender__labels="x"`."""
    params = YAML().load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    for key, value in changes.items():
        *sections, last = key.split("__")
        section = params
        for name in sections:
            section = section[name]
        section[last] = value
    YAML().dump(params, folder / "params.yaml")


def write_source(folder: Path, points: bytes, photos: bytes) -> None:
    folder.mkdir(exist_ok=True)
    (folder / POINTS).write_bytes(points)
    (folder / PHOTOS).write_bytes(photos)


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A repository, and the archives that a first run brought from the folder `mine`."""
    project = tmp_path / "project"
    (project / "data/source").mkdir(parents=True)
    (project / "data/source/README.md").write_text("stays", encoding="utf-8")
    monkeypatch.chdir(project)
    write_source(project / "mine", points_zip(), photos_zip())
    set_params(project, source="mine")
    stage.main()
    return project


def raw() -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in Path("data/raw").iterdir()}


def links() -> dict[str, Path]:
    found = (p for p in Path("data/source").rglob("*") if p.is_symlink())
    return {p.relative_to("data/source").as_posix(): p.resolve() for p in found}


def flipped(data: bytes, at: bytes) -> bytes:
    """The same bytes but for one bit, 40 bytes after these."""
    place = data.index(at) + len(at) + 40
    return data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]


def without_column(name: str, column: str) -> bytes:
    members = keypoint_members(2, 2)
    header, rows = members[name]
    members[name] = ([("x" if c == column else c) for c in header], rows)
    return keypoint_zip(members)


def without_member(name: str) -> bytes:
    members = keypoint_members(2, 2)
    del members[name]
    return keypoint_zip(members)


def with_damaged_table() -> bytes:
    """The zip inside is damaged; the archive around it is whole."""
    with zipfile.ZipFile(Path("mine", POINTS)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    members["training.zip"] = flipped(members["training.zip"], b"training.csv")
    return zip_of(members)


BAD = {
    "a flipped bit": (PHOTOS, lambda: flipped(photos_zip(), b"a/0.jpg"), "a/0.jpg is damaged"),
    "a flipped bit in a zip inside": (POINTS, with_damaged_table, "training.csv is damaged"),
    "a cut archive": (PHOTOS, lambda: photos_zip()[:-100], "a zip archive at face-detection.zip"),
    "a page": (POINTS, lambda: b"<html>Sign in</html>", f"a zip archive at {POINTS}"),
    "nothing": (POINTS, lambda: b"", f"a zip archive at {POINTS}"),
    "an empty archive": (PHOTOS, lambda: zip_of({}), f"photos in {PHOTOS}"),
    "an empty archive of tables": (POINTS, lambda: zip_of({}), f"training.csv in {POINTS}"),
    "the other archive": (PHOTOS, points_zip, f"photos in {PHOTOS}"),
    "no training.csv": (POINTS, lambda: without_member("training.csv"), "training.csv in"),
    "no lookup table": (POINTS, lambda: without_member("IdLookupTable.csv"), "IdLookupTable.csv"),
    "no column of a point": (
        POINTS,
        lambda: without_column("training.csv", "nose_tip_y"),
        "the columns nose_tip_y in training.csv",
    ),
    "no Image in test.csv": (POINTS, lambda: without_column("test.csv", "Image"), "test.csv"),
    "labels without their columns": (
        PHOTOS,
        lambda: zip_of({"1.jpg": encoded(photo(1)), "labels.csv": b"name,sex\n"}),
        "the columns file, label in labels.csv in face-detection.zip",
    ),
}


@pytest.mark.parametrize("what", BAD)
def test_a_bad_archive_never_replaces_a_good_one(project, capsys, what):
    name, content, words = BAD[what]
    before = raw()
    assert set(before) == {POINTS, PHOTOS}
    # Both change, so that half a replacement would be seen.
    write_source(project / "mine", points_zip(9), photos_zip(9))
    (project / "mine" / name).write_bytes(content())
    with pytest.raises(SystemExit) as ended:
        running.run(stage.main)
    line = capsys.readouterr().err
    assert ended.value.code == 1 and line.count("\n") == 1 and words in line
    assert raw() == before and not list(project.glob("data/.download-*"))
    assert ".download-" not in line


def test_whatever_byte_is_damaged_only_readable_errors_come(tmp_path):
    good = zip_of({"a/1.png": encoded(photo(1, (6, 6)), "PNG"), "남/2.txt": b"two"})
    path = tmp_path / PHOTOS
    found = 0
    for place in range(len(good)):
        path.write_bytes(good[:place] + bytes([good[place] ^ 0x81]) + good[place + 1 :])
        try:
            download.check_archive(path, PHOTOS)
        except UserError:
            found += 1
    assert found > len(good) / 3


def test_archives_of_the_sample_pass_the_same_check(project):
    few = {"sample__train_rows": 40, "sample__test_images": 4, "sample__photos": 40}
    set_params(project, source="sample", **few)
    before = raw()
    stage.main()
    assert set(raw()) == set(before) and raw() != before
    assert links() == {} and Path("data/source/README.md").read_text() == "stays"


def test_a_failed_copy_is_one_clear_error(project, monkeypatch):
    def full(*args, **options):
        raise OSError(28, "No space left on device")

    before = raw()
    monkeypatch.setattr(shutil, "copyfile", full)
    with pytest.raises(UserError, match=r"No space left on device.*free space"):
        stage.main()
    assert raw() == before and not list(project.glob("data/.download-*"))


def test_a_photo_that_vanishes_is_one_clear_error(project, monkeypatch):
    gone = project / "mine/faces/a/1.jpg"
    monkeypatch.setattr(folder_source, "photo_files", lambda *_: {"a/1.jpg": gone})
    (project / "mine" / PHOTOS).unlink()
    with pytest.raises(UserError, match=r"No such file.*1\.jpg"):
        stage.main()
    assert set(raw()) == {POINTS, PHOTOS} and not list(project.glob("data/.download-*"))


def test_what_a_killed_run_left_behind_is_removed(project):
    left = project / "data/.download-abc"
    left.mkdir()
    (left / POINTS).write_bytes(b"half")
    stage.main()
    assert not left.exists()


def test_links_follow_the_source(project):
    assert links() == {name: project / "mine" / name for name in (POINTS, PHOTOS)}
    write_source(project / "other", points_zip(1), photos_zip(1))
    (project / "other" / PHOTOS).unlink()
    photos = {f"face-detection/x/{i}.jpg": encoded(photo(i)) for i in (1, 2)}
    for name, data in photos.items():
        (project / "other" / name).parent.mkdir(parents=True, exist_ok=True)
        (project / "other" / name).write_bytes(data)
    set_params(project, source=str(project / "other"))
    stage.main()
    assert links() == {name: project / "other" / name for name in (POINTS, *photos)}
    download.watch({}, paths.LINKS)
    assert links() == {}
    assert [p.name for p in Path("data/source").iterdir()] == ["README.md"]


def test_archives_may_lie_in_the_watched_folder_itself(project):
    own = project / "data/source"
    (own / POINTS).unlink()
    shutil.copyfile(project / "mine" / POINTS, own / POINTS)
    with zipfile.ZipFile(project / "mine" / PHOTOS) as archive:
        archive.extractall(own / "face-detection")
    (own / PHOTOS).unlink()
    before = {p for p in own.rglob("*") if p.is_file()}
    set_params(project, source="data/source")
    stage.main()
    first = raw()
    stage.main()
    assert raw() == first and links() == {}
    assert first[POINTS] == (project / "mine" / POINTS).read_bytes()
    set_params(project, source="mine")
    stage.main()
    assert before <= {*own.rglob("*")}, "nobody's files are removed"


def labels_in_raw() -> bytes:
    with zipfile.ZipFile(Path("data/raw", PHOTOS)) as archive:
        return archive.read("labels.csv")


def test_labels_travel_in_the_archive_from_beside_it_or_by_param(project):
    (project / "mine/labels.csv").write_text("file,label\na/0.jpg,beside\n", encoding="utf-8")
    stage.main()
    assert labels_in_raw() == b"file,label\na/0.jpg,beside\n"
    assert links()["labels.csv"] == project / "mine/labels.csv"
    (project / "my labels.csv").write_text("file,label\na/0.jpg,by param\n", encoding="utf-8")
    set_params(project, source="mine", gender__labels="my labels.csv")
    stage.main()
    assert labels_in_raw() == b"file,label\na/0.jpg,by param\n"
    assert links()["labels.csv"] == project / "my labels.csv"
    first = raw()
    stage.main()
    assert raw() == first


def test_labels_that_are_not_there_are_named(project):
    set_params(project, source="mine", gender__labels="gone.csv")
    before = raw()
    with pytest.raises(UserError, match=r"existing file as gender\.labels.*gone\.csv"):
        stage.main()
    assert raw() == before


def test_a_folder_whose_name_is_a_number_can_be_the_source(project, capsys):
    (project / "mine").rename(project / "2024")
    (project / "2024" / PHOTOS).rename(project / "2024/archive.zip")
    before = raw()
    set_params(project, source=2024)
    stage.main()
    assert raw() == before
    assert "face-detection.zip: 0.0 MB from 2024 (archive.zip)" in capsys.readouterr().out


def test_an_archive_whose_name_is_no_text_can_be_the_source(project, capsys):
    (project / "mine" / PHOTOS).rename(project / "mine" / os.fsdecode(b"arch\xe9.zip"))
    before = raw()
    stage.main()
    assert raw() == before
    assert "face-detection.zip: 0.0 MB from mine (arch?.zip)" in capsys.readouterr().out


def call(*command: str) -> str:
    """The output of a command that must succeed, `dvc` and `python` being ours."""
    folder = Path(sys.executable).parent
    variables = {**os.environ, "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}"}
    variables |= {"DVC_NO_ANALYTICS": "1", "HOME": str(Path.cwd().parent)}
    done = subprocess.run(command, env=variables, capture_output=True, text=True, timeout=HANG)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_dvc_notices_an_archive_that_changes_in_the_folder(tmp_path, monkeypatch):
    repository = tmp_path / "repository"
    ignored = shutil.ignore_patterns("__pycache__")
    for name in ("stages", "faces"):
        shutil.copytree(ROOT / name, repository / name, ignore=ignored)
    (repository / "data/source").mkdir(parents=True)
    for name in ("README.md", ".gitignore"):
        shutil.copyfile(ROOT / "data/source" / name, repository / "data/source" / name)
    stages = YAML().load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))["stages"]
    chosen = {name: stages[name] for name in ("params", "download")}
    YAML().dump({"stages": chosen}, repository / "dvc.yaml")
    set_params(repository, source="../downloads")
    write_source(tmp_path / "downloads", points_zip(), photos_zip())
    monkeypatch.chdir(repository)
    call("git", "init", "--quiet")
    call("dvc", "init", "--quiet")
    call("dvc", "config", "core.analytics", "false")
    assert "Running stage 'download'" in call("dvc", "repro")
    assert "Running stage" not in call("dvc", "repro")
    changed = points_zip(1)
    (tmp_path / "downloads" / POINTS).write_bytes(changed)
    again = call("dvc", "repro")
    assert "Running stage 'download'" in again and "Running stage 'params'" not in again
    assert raw()[POINTS] == changed
    assert "Running stage" not in call("dvc", "repro")
