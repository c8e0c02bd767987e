import re

import pandas as pd
import pytest

from faces.reporting import charts


def history(low: float, high: float) -> pd.DataFrame:
    values = [high, (low + high) / 2, low]
    return pd.DataFrame({"epoch": [1, 2, 3], "train_rmse": values, "validation_rmse": values})


def test_curves_take_their_colours_and_their_font_from_the_page():
    svg = charts.training(history(1, 15), "rmse", "RMSE, px")
    assert svg.startswith("<svg viewBox=") and 'aria-label="RMSE, px, by epoch"' in svg
    assert ">RMSE, px<" in svg and ">validation<" in svg
    assert "var(--first)" in svg and "var(--second)" in svg
    assert not re.findall(r"#[0-9a-f]{6}\b", svg.lower()) and "DejaVu" not in svg
    assert svg == charts.training(history(1, 15), "rmse", "RMSE, px")


@pytest.mark.parametrize(("low", "high", "logarithmic"), [(1, 15, True), (0.6, 0.7, False)])
def test_an_axis_is_logarithmic_where_it_would_have_enough_ticks(low, high, logarithmic):
    svg = charts.training(history(low, high), "rmse", "RMSE, px")
    ticks = [float(t) for t in re.findall(r">([\d.]+)</text>", svg)][3:]
    assert ({1.0, 2.0, 5.0, 10.0} <= set(ticks)) == logarithmic
    assert len(ticks) >= 3


def test_two_charts_on_a_page_share_no_id():
    table = pd.DataFrame({"confidence": [0.6, 0.9], "accuracy": [0.5, 1.0], "n": [4, 6]})
    both = [charts.reliability(table), charts.training(history(1, 15), "rmse", "RMSE")]
    first, second = (set(re.findall(r'\bid="([^"]+)"', svg)) for svg in both)
    assert first and second and not first & second
    for svg, ids in zip(both, (first, second), strict=True):
        used = set(re.findall(r'href="#([^"]+)"', svg)) | set(re.findall(r"url\(#([^)]+)\)", svg))
        assert used and used <= ids
