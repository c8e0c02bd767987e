"""No figure is the page's own: change one in a JSON file, and the page has the new one."""

import json
import re

import pytest

from faces.core import paths
from stages import report

# Where a figure lies in metrics/, what it is changed to, and how the page shows that.
FIGURES = [
    ("keypoints", "rmse", 71.234, "71.23 px"),
    ("keypoints", "rmse_interval.0", 61.234, "61.23 to "),
    ("keypoints", "rmse_interval.1", 62.349, " to 62.35 (95%, bootstrap"),
    ("keypoints", "n_images", 7171, "over 7171 images)"),
    ("keypoints", "rmse_mean_face", 77.777, "The mean face has 77.78 px"),
    ("keypoints", "rmse_by_point.nose_tip", 55.551, "nose tip 55.55"),
    ("keypoints", "rmse_15", 51.512, "all points marked 51.51"),
    ("keypoints", "rmse_4", 52.522, " 52.52"),
    ("gender", "accuracy", 0.1234, "12.3%"),
    ("gender", "accuracy_interval.0", 0.0567, "5.7% to "),
    ("gender", "accuracy_interval.1", 0.6789, " to 67.9% (95%, Wilson"),
    ("gender", "n_images", 8181, "Wilson, 8181 photos"),
    ("gender", "calibration_error", 0.4567, "Calibration error 0.457"),
    ("gender", "log_loss", 3.4567, "log loss 3.457"),
    ("gender", "confusion.Male.Male", 9191, "Male 9191"),
    ("gender", "recall_by_class.Male", 0.2468, "24.7%"),
    ("clean-keypoints", "kept", 3131, "3131 of "),
    ("clean-gender", "files", 4141, " of 4141 files"),
    ("split-gender", "train", 5151, "5151 photos to train on"),
    ("train-gender", "pseudo_labels", 3232, "learned from 3232 faces of the keypoint archive"),
    ("refit-keypoints", "networks", 4242, "the mean of this and of 4242 more"),
    ("refit-keypoints", "rows", 5252, "learned from 5252 rows, those of the test"),
    ("refit-keypoints", "left_out", 6262, "but for 6262 that have label errors"),
    ("label-errors-keypoints", "rows", 6161, "1 of 6161 rows"),
]


def shown() -> str:
    """The page's text, without its tags."""
    report.main()
    return " ".join(re.sub(r"<[^>]+>", " ", paths.REPORT.read_text(encoding="utf-8")).split())


def test_each_figure_is_that_of_its_json_file(run):
    before, after = shown(), []
    for file, keys, value, text in FIGURES:
        change(file, keys.split("."), value)
        assert text not in before, f"{text} was there before {file}.json said so"
        after.append((text, f"metrics/{file}.json: {keys}"))
    page = shown()
    assert [where for text, where in after if text not in page] == []


def change(file: str, keys: list[str], value: float) -> None:
    path = paths.METRICS / f"{file}.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    *parents, last = [int(key) if key.isdigit() else key for key in keys]
    place = content
    for key in parents:
        place = place[key]
    assert isinstance(place[last], int | float), keys
    place[last] = value
    path.write_text(json.dumps(content), encoding="utf-8")


@pytest.mark.parametrize("table", ["keypoints-history", "gender-history", "gender-reliability"])
def test_each_curve_is_that_of_its_table(run, table):
    report.main()
    before = paths.REPORT.read_bytes()
    path = paths.METRICS / "plots" / f"{table}.csv"
    head, first, *rest = path.read_text(encoding="utf-8").splitlines()
    cells = first.split(",")
    cells[1] = str(float(cells[1]) + 0.1)
    path.write_text("\n".join([head, ",".join(cells), *rest]), encoding="utf-8")
    report.main()
    assert paths.REPORT.read_bytes() != before
