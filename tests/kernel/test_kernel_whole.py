"""The script that `make kernel` sends, run here as Kaggle would: the whole pipeline, tiny."""

import contextlib
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from faces.kernel import home, pack, parcel, state
from faces.sources.drawn.archives import write_archives
from tests.helpers.clone import ROOT, Clone, ran

ROWS = {"train_rows": 60, "test_images": 12, "photos": 60, "label": "gender"}
PLACES = {
    "facial-keypoints-detection": "competitions/facial-keypoints-detection",
    "face-detection": "datasets/elangojoseph/face-detection",
}


@pytest.fixture(scope="module")
def clone(tmp_path_factory):
    clone = Clone.new(tmp_path_factory.mktemp("kernel"))
    for name in ("requirements.txt", "constraints.txt"):
        shutil.copy(ROOT / name, clone.folder / name)
    clone.commit("requirements")
    return clone


@pytest.fixture(scope="module")
def unpacked(clone):
    """Kaggle's input, and a folder source with the same."""
    base = clone.room
    for folder in (base / "archives", base / "source"):
        folder.mkdir()
    write_archives(base / "archives", ROWS, 1)
    for name, place in PLACES.items():
        (base / "input" / place).mkdir(parents=True)
        with zipfile.ZipFile(base / "archives" / f"{name}.zip") as archive:
            archive.extractall(base / "input" / place)
        (base / "source" / name).symlink_to(base / "input" / place)
    return base


def run_as_at_kaggle(clone: Clone, base: Path) -> None:
    """The script, in an environment with nothing in it but where its folders are."""
    with contextlib.chdir(clone.folder):
        pack.write(base / "push", pack.package(pack.Options(accelerator="none")), "me", "x-1")
    variables = {f"FACES_KERNEL_{n.upper()}": str(base / n) for n in ("input", "working", "temp")}
    words = [sys.executable, str(base / "push" / pack.CODE)]
    done = subprocess.run(
        words,
        env={"HOME": str(base), "PATH": os.defpath, **variables},
        cwd=base,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=3600,
    )
    assert done.returncode == 0, done.stdout[-3000:]


@pytest.mark.soak
def test_the_script_gives_the_bytes_of_dvc_repro_and_comes_home(clone, unpacked, monkeypatch):
    run_as_at_kaggle(clone, unpacked)
    here = unpacked / "here"
    clone.git("clone", "-q", str(clone.folder), str(here), cwd=unpacked)
    text = (here / "params.yaml").read_text(encoding="utf-8")
    text = text.replace("source: sample", f"source: {unpacked / 'source'}", 1)
    (here / "params.yaml").write_text(text, encoding="utf-8")
    clone.run("dvc", "repro", "submission", cwd=here)
    wanted = (here / "data/submission.csv").read_bytes()
    assert (unpacked / "working/submission.csv").read_bytes() == wanted

    monkeypatch.chdir(clone.folder)
    monkeypatch.setenv("PATH", clone.env()["PATH"])
    home.ARRIVED.mkdir(parents=True)
    for name in (unpacked / "working").iterdir():
        shutil.copy(name, home.ARRIVED)
    manifest = parcel.checked(home.ARRIVED / parcel.RESULTS, "x-1")
    assert manifest["versions"]["tensorflow"]
    home.install(state.Run("x", 1, "me/faces", home.sha256(Path("params.yaml"))))
    assert home.differing() == []
    assert ran(clone.dvc("repro")) == set()
    assert (clone.folder / "data/submission.csv").read_bytes() == wanted
    assert clone.json("metrics/keypoints.json")["n_images"] > 0


@pytest.mark.soak
@pytest.mark.filterwarnings("default")  # Jupyter's own
def test_the_notebook_that_is_sent_leaves_a_submission(clone, unpacked, monkeypatch):
    import nbclient
    import nbformat

    (clone.folder / pack.NOTEBOOK).parent.mkdir(exist_ok=True)
    shutil.copy(ROOT / pack.NOTEBOOK, clone.folder / pack.NOTEBOOK)
    clone.commit("the notebook")
    with contextlib.chdir(clone.folder):
        package = pack.package(pack.Options(accelerator="none", notebook=True))
        pack.write(unpacked / "push", package, "me", "x-2")
    for name in ("input", "working", "temp"):
        monkeypatch.setenv(f"FACES_KERNEL_{name.upper()}", str(unpacked / f"notebook-{name}"))
    monkeypatch.setenv("FACES_KERNEL_INPUT", str(unpacked / "input"))
    monkeypatch.setenv("IPYTHONDIR", str(unpacked / "ipython"))
    notebook = nbformat.read(unpacked / "push" / pack.CODE.replace(".py", ".ipynb"), as_version=4)
    assert notebook.metadata.kernelspec.name == "python3"  # Kaggle refuses one without
    where = {"metadata": {"path": str(unpacked)}}
    nbclient.NotebookClient(notebook, timeout=900, resources=where, kernel_name="python3").execute()
    path = unpacked / "notebook-working/submission.csv"
    assert parcel.checked(path, "x-2")["id"] == "x-2"
    assert path.read_text().startswith("RowId,Location\n1,")
