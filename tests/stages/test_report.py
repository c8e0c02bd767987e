import shutil
from pathlib import Path

import numpy as np
import pytest

from faces.core import files, paths
from faces.core.errors import UserError
from faces.reporting import hashes, keypoints
from stages import report

ROOT = Path(__file__).parents[2]


def test_without_a_run_it_says_what_to_do_and_keeps_the_last_report(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shutil.copy(ROOT / "params.yaml", tmp_path)
    files.save_text(paths.REPORT, "the last one")
    with pytest.raises(UserError, match="Run `dvc repro`"):
        report.main()
    names = keypoints.READS
    files.save_arrays(paths.SPLIT / "keypoints", dict.fromkeys(names, np.zeros(1)))
    files.save_arrays(paths.ANSWERS, {"keypoints": np.zeros(1)})
    with pytest.raises(UserError, match=r"no metrics/keypoints\.json"):
        report.main()
    assert paths.REPORT.read_text() == "the last one"


def test_a_hash_depends_on_names_and_contents_but_not_on_where_a_folder_lies(tmp_path):
    for name in ("one", "two"):
        (tmp_path / name / "deep").mkdir(parents=True)
        (tmp_path / name / "deep" / "a.txt").write_text("x")
        (tmp_path / name / "b.txt").write_text("y")
    first = hashes.md5(tmp_path / "one")
    assert first == hashes.md5(tmp_path / "two") and first.endswith(".dir")
    (tmp_path / "two" / "b.txt").write_text("z")
    assert hashes.md5(tmp_path / "two") != first
    (tmp_path / "one" / "b.txt").rename(tmp_path / "one" / "c.txt")
    assert hashes.md5(tmp_path / "one") != first
    assert hashes.md5(tmp_path / "two" / "deep" / "a.txt") == "9dd4e461268c8034f5c8564e155c67a6"
