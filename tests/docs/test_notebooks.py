"""The notebook from top to bottom, on a few rows; in git it has no outputs."""

import shutil
from pathlib import Path

import nbclient
import nbformat
import pytest

from faces.sources.drawn.keypoints import keypoints_archive
from tests.helpers.clone import tiny
from tests.helpers.waiting import HANG

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
ROWS = {"train_rows": 40, "test_images": 6, "photos": 10, "label": "gender"}


def code(notebook) -> list:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A repository's folder with a small archive, and room for notebooks in it."""
    folder = tmp_path_factory.mktemp("repository")
    (folder / "params.yaml").write_text(tiny(ROOT / "params.yaml"), encoding="utf-8")
    (folder / "data/raw").mkdir(parents=True)
    archive = folder / "data/raw/facial-keypoints-detection.zip"
    archive.write_bytes(keypoints_archive(ROWS, 1, False))
    shutil.copytree(ROOT / "notebooks", folder / "notebooks")
    return folder


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
@pytest.mark.filterwarnings("default")  # Jupyter's own
def test_a_notebook_runs_to_its_end(path, folder, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("IPYTHONDIR", str(folder / "ipython"))
    notebook = nbformat.read(folder / "notebooks" / path.name, as_version=4)
    options = {"resources": {"metadata": {"path": str(folder / "notebooks")}}}
    options |= {"timeout": HANG, "startup_timeout": HANG, "kernel_name": "python3"}
    nbclient.NotebookClient(notebook, **options).execute()
    outputs = [output for cell in code(notebook) for output in cell.outputs]
    pictures = [o for o in outputs if "image/png" in o.get("data", {})]
    assert len(pictures) == 5
    said = "".join(o.get("text", "") for o in outputs if o.output_type == "stream")
    assert "RMSE" in said and "mean face, validation" in said and "values, " in said


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_has_no_outputs_in_git(path):
    cells = code(nbformat.read(path, as_version=4))
    assert len(cells) > 10
    assert not any(cell.outputs or cell.execution_count for cell in cells)
