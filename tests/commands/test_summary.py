import json
import shutil
from pathlib import Path

import pytest

from faces import summary
from faces.core.errors import UserError

ROOT = Path(__file__).resolve().parents[2]
KEYPOINTS = {"rmse": 1.234, "n_images": 99, "rmse_mean_face": 4.1}
GENDER = {"accuracy": 0.955, "accuracy_interval": [0.92, 0.975], "n_images": 200}


def test_both_figures_come_with_their_baseline_or_interval(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "metrics").mkdir()
    shutil.copy(ROOT / "params.yaml", tmp_path)
    for name, content in (("keypoints", KEYPOINTS), ("gender", GENDER)):
        (tmp_path / "metrics" / f"{name}.json").write_text(json.dumps(content))
    summary.main()
    said = capsys.readouterr().out
    assert "1.23 px on 99 images (the mean face: 4.10)" in said
    assert "95.5% on 200 photos (95% interval 92.0% to 97.5%)" in said
    assert "data/submission.csv" in said and "kaggle competitions submit" not in said
    assert "metrics/report.html" in said


def test_without_a_run_it_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shutil.copy(ROOT / "params.yaml", tmp_path)
    with pytest.raises(UserError, match="dvc repro"):
        summary.main()


def test_what_came_of_kaggles_data_can_be_submitted_by_our_command_or_kaggles():
    ours, kaggles = summary.submit_lines("kaggle", "faces")
    assert 'make submit MESSAGE="what is new"' in ours
    assert kaggles.endswith(
        'kaggle competitions submit -c faces -f data/submission.csv -m "what is new"'
    )
    assert not summary.submit_lines("/a/folder", "faces")
