"""Programs where something is set, missing or closed: the same answer, or a line."""

import hashlib
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import keras
import numpy as np
import pytest

from faces.core import environment, running
from faces.core.errors import UserError
from faces.core.stopping import Stopping
from faces.gender.model import network as gender
from faces.keypoints.model import network as keypoints
from faces.predict import output
from faces.sources import kaggle_client
from faces.training import exporting, hardware, opening, saving
from tests.conftest import encoded, photo

ROOT = Path(__file__).parents[2]
PARAMS = "stages.params"  # a program that starts quickly, and reads one file


def start(module: str, folder: Path, *words: str, options=(), shell="", **changes):
    """`python -m module` in a folder; its exit status, stdout and stderr as bytes.

    Args:
        shell: redirections, as a shell has them. changes: to the environment; None takes it out.
    """
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **changes}
    environment = {name: value for name, value in environment.items() if value is not None}
    command = ["sh", "-c", f'exec "$@" {shell}', "sh", sys.executable, *options, "-m", module]
    return subprocess.run([*command, *words], cwd=folder, env=environment, capture_output=True)


@pytest.fixture
def wrong(tmp_path):
    """A folder whose params.yaml has a value that is to be refused, in Hangul."""
    text = (ROOT / "params.yaml").read_text(encoding="utf-8")
    (tmp_path / "params.yaml").write_text(f"{text}\n한국어: 1\n", encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    "changes",
    [
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"PYTHONIOENCODING": "latin-1"},
        {"PYTHONIOENCODING": "ascii:strict"},
        {"PYTHONOPTIMIZE": "2"},
        {"PYTHONWARNINGS": "error"},
        {"HOME": None},
        {"HOME": "/nonexistent", "TMPDIR": "/nonexistent"},
        {"OMP_NUM_THREADS": "1", "TZ": "Asia/Seoul"},
    ],
    ids=str,
)
def test_a_refusal_has_the_same_bytes_however_a_program_is_started(wrong, changes):
    plain, other = start(PARAMS, wrong), start(PARAMS, wrong, **changes)
    assert plain.returncode == other.returncode == 1
    assert plain.stderr == other.stderr and "한국어" in plain.stderr.decode()


def test_streams_that_are_closed_are_no_fault_and_no_file_takes_their_place(tmp_path):
    (tmp_path / "params.yaml").write_bytes((ROOT / "params.yaml").read_bytes())
    done = start(PARAMS, tmp_path, shell="<&- >&- 2>&-")
    assert done.returncode == 0 and (tmp_path / "data" / "params.checked").is_file()
    code = "import sys; sys.argv = ['-m']; import faces; print(open('params.yaml').fileno())"
    command = f"'{sys.executable}' -c \"{code}\" <&- 2>&-"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    shown = subprocess.run(
        ["sh", "-c", command], cwd=tmp_path, env=environment, capture_output=True
    )
    assert int(shown.stdout) > 2


def test_predict_says_so_where_its_answer_has_nowhere_to_go(monkeypatch):
    monkeypatch.setattr(sys, "__stdout__", None)  # as Python leaves it where it was closed
    with pytest.raises(UserError, match="--json"), output.output(None, True, Stopping()):
        pytest.fail("it went on")


@pytest.mark.parametrize("wanted", ["", "1"])
def test_a_package_that_is_missing_or_broken_at_the_start_is_one_line(tmp_path, wanted):
    (tmp_path / "numpy.py").write_text("raise ImportError('numpy is broken')")
    path = f"{tmp_path}{os.pathsep}{ROOT}"
    done = start(PARAMS, tmp_path, PYTHONPATH=path, FACES_TRACEBACK=wanted)
    last = done.stderr.decode().splitlines()[-1]
    assert done.returncode == 1 and "Received: numpy is broken. Run `pip install" in last
    assert (b"Traceback" in done.stderr) == bool(wanted)


def test_warnings_as_errors_are_switched_off_for_programs_alone():
    code = "import sys; sys.argv = ['{}']; import faces, warnings; warnings.warn('a')"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    words = [sys.executable, "-W", "error", "-c"]
    ends = [
        subprocess.run([*words, code.format(name)], env=environment, capture_output=True).returncode
        for name in ("-m", "somebodys.py")
    ]
    assert ends == [0, 1]


def test_pictures_are_the_same_bytes_whatever_matplotlib_is_told(tmp_path):
    code = """
import sys; sys.argv = ["-m"]
import hashlib, pathlib
from faces.drawing import sheets as drawing
from faces.reporting import charts
drawing.save(drawing.note("a b"), pathlib.Path("a.png"))
drawn = charts.chart(lambda axes: axes.plot([1, 2], [3, 4]), "name", "title")
print(hashlib.md5(drawn.encode() + pathlib.Path("a.png").read_bytes()).hexdigest())
"""
    mine = tmp_path / "mine"
    mine.mkdir()
    loud = "font.size: 33\nfont.family: monospace\naxes.facecolor: red\nlines.linewidth: 9\n"
    (mine / "matplotlibrc").write_text(loud)
    sums = set()
    for folder, changes in ((tmp_path, {}), (mine, {"MPLBACKEND": "no_such_one"})):
        environment = {**os.environ, "PYTHONPATH": str(ROOT), **changes}
        words = [sys.executable, "-c", code]
        done = subprocess.run(words, cwd=folder, env=environment, capture_output=True, text=True)
        sums.add(done.stdout or done.stderr)
    assert len(sums) == 1 and len(sums.pop().strip()) == len(hashlib.md5().hexdigest())


def test_what_would_change_numbers_is_taken_out_before_anything_is_imported():
    code = "import os; from faces.core import environment;"
    code += "print(sorted(set(environment.FORGOTTEN) & set(os.environ)))"
    hostile = dict.fromkeys(environment.FORGOTTEN, "1")
    words = [sys.executable, "-c", code]
    done = subprocess.run(
        words,
        env={**os.environ, "PYTHONPATH": str(ROOT), **hostile},
        capture_output=True,
        text=True,
    )
    assert done.stdout == "[]\n", done.stderr


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A folder with two small models and a photo."""
    folder = tmp_path_factory.mktemp("trained")
    small = {"width": 4, "depth": 1}
    models = folder / "data" / "models"
    built = {
        "keypoints": keypoints.build({"model": "heatmaps", **small}, (96, 96, 1), 19),
        "gender": gender.build({"model": "residual", **small}, (32, 32, 3), 2),
    }
    for task, model in built.items():
        saving.save(model, models / f"{task}.keras")
        images = np.zeros((1, *model.input_shape[1:]))
        exporting.export(model, models / f"{task}.tflite", task, images)
    (models / "gender.json").write_text('["a", "b"]')
    (folder / "사진 #1%.png").write_bytes(encoded(photo(0, (96, 96)), "PNG"))
    return folder


def test_predict_answers_the_same_bytes_where_all_is_set_as_somebody_else_needs_it(
    trained, tmp_path
):
    home = tmp_path / ".keras"
    home.mkdir()
    other = {"floatx": "float16", "epsilon": 1e-2, "image_data_format": "channels_first"}
    (home / "keras.json").write_text(json.dumps({**other, "backend": "theano"}))
    hostile = dict.fromkeys(environment.FORGOTTEN, "garbage")
    hostile |= {"HOME": str(tmp_path), "KERAS_HOME": str(home), "TMPDIR": "/nonexistent"}
    hostile |= {"PYTHONWARNINGS": "error", "PYTHONOPTIMIZE": "2", "OMP_NUM_THREADS": "1"}
    hostile |= {"CUDA_VISIBLE_DEVICES": "-1", "TF_NUM_INTRAOP_THREADS": "1", "LC_ALL": "C"}
    hostile |= {"PYTHONUTF8": "0", "PYTHONIOENCODING": "latin-1"}
    words = ("faces.predict", trained, "사진 #1%.png", "--crop", "none")
    plain, answered = start(*words), start(*words, shell="<&- 2>&-", **hostile)
    assert plain.returncode == answered.returncode == 0, plain.stderr
    assert json.loads(plain.stdout)[0]["faces"] and answered.stdout == plain.stdout
    # Nothing was written: a folder that may only be read would do.
    assert sorted(p.name for p in trained.iterdir()) == ["data", "사진 #1%.png"]


def rewritten(path: Path, version: str, **more) -> Path:
    """The model as another Keras would have saved it, with more keys of convolutions."""
    with zipfile.ZipFile(path) as archive:
        content = {name: archive.read(name) for name in archive.namelist()}
    config = json.loads(content["config.json"])
    for layer in config["config"]["layers"]:
        if layer["class_name"] == "Conv2D":
            layer["config"] |= more
    content["config.json"] = json.dumps(config)
    content["metadata.json"] = json.dumps({"keras_version": version})
    other = path.with_name("other.keras")
    with zipfile.ZipFile(other, "w") as archive:
        for name, data in content.items():
            archive.writestr(name, data)
    return other


def test_a_model_of_another_keras_is_opened_or_both_versions_are_named(trained):
    path = trained / "data" / "models" / "gender.keras"
    assert opening.load(rewritten(path, "3.99.0")).count_params() > 0
    with pytest.raises(UserError, match=r"saved by Keras 3\.99\.0.*'news'.*keras==3\.99\.0`") as e:
        opening.load(rewritten(path, "3.99.0", news=1))
    assert f"not {keras.__version__} (" in str(e.value)
    with pytest.raises(UserError, match="Remove it"):  # of this version: it is broken
        opening.load(rewritten(path, keras.__version__, news=1))
    with pytest.raises(UserError, match=r"saved by Keras \?"):  # no command to copy comes from it
        opening.load(rewritten(path, "3; rm -rf x", news=1))


def test_a_saved_model_has_nothing_that_the_first_keras_allowed_does_not_know(trained):
    for task in ("keypoints", "gender"):
        with zipfile.ZipFile(trained / "data" / "models" / f"{task}.keras") as archive:
            config = archive.read("config.json").decode()
        assert not [name for name in saving.LATER if f'"{name}"' in config]


def test_a_training_is_refused_before_1980(monkeypatch):
    long_ago = hardware.time.gmtime(0)
    monkeypatch.setattr(hardware.time, "localtime", lambda *_: long_ago)
    with pytest.raises(UserError, match=r"a clock that is set\. Received: the year 1970"):
        hardware.prepare("cpu", "float32", 0)


def test_a_stage_that_is_done_is_done_though_its_time_cannot_be_kept(monkeypatch):
    def read_only(*_):
        raise PermissionError("read-only")

    monkeypatch.setattr("faces.core.times.stage_name", lambda: "clean")
    monkeypatch.setattr("faces.core.times.note", read_only)
    done = []
    running.run(lambda: done.append(1))
    assert done == [1]


def test_without_a_home_there_are_no_credentials(monkeypatch):
    for name in ("HOME", "KAGGLE_API_TOKEN", "KAGGLE_USERNAME", "KAGGLE_CONFIG_DIR"):
        monkeypatch.delenv(name, raising=False)

    def nobody(_):
        raise KeyError("uid not found")

    monkeypatch.setattr("pwd.getpwuid", nobody)
    assert not kaggle_client.has_credentials()
