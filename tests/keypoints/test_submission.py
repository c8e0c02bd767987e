import numpy as np
import pandas as pd
import pytest

from faces.core.errors import UserError
from faces.keypoints.points import COLUMNS, FOUR_POINTS
from faces.keypoints.scoring.submission import asked_groups, check, submission

FOUR = [COLUMNS[2 * p + a] for p in FOUR_POINTS for a in (0, 1)]


def lookup(asked: list[list[str]]) -> np.ndarray:
    rows = [(image, COLUMNS.index(name)) for image, names in enumerate(asked) for name in names]
    return np.array([(i + 1, *row) for i, row in enumerate(rows)], np.int32)


@pytest.fixture
def outputs(rng):
    return rng.uniform(1, 95, (3, 19, 2))


def test_an_image_that_asks_for_the_four_points_gets_their_habits(outputs):
    table = lookup([list(COLUMNS), FOUR, ["nose_tip_x", "mouth_left_corner_x"]])
    assert asked_groups(table, 3).tolist() == [15, 4, 15]
    result, outside = submission(outputs, table)
    assert result["RowId"].tolist() == list(range(1, 41)) and outside == 0
    np.testing.assert_allclose(result["Location"][:30], outputs[0, :15].ravel(), atol=1e-4)
    np.testing.assert_allclose(result["Location"][30:38], outputs[1, 15:].ravel(), atol=1e-4)
    np.testing.assert_allclose(result["Location"][38:], outputs[2, [10, 11], 0], atol=1e-4)


def test_rows_come_in_the_order_of_the_lookup_table(outputs):
    table = lookup([list(COLUMNS), FOUR, FOUR])[::-1]
    assert submission(outputs, table)[0]["RowId"].tolist() == list(range(46, 0, -1))


def test_values_are_moved_into_the_frame(outputs):
    outputs[0, 0] = [-5, 120]
    result, outside = submission(outputs, lookup([list(COLUMNS)]))
    assert result["Location"][:2].tolist() == [0, 96] and outside == 2


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda t: t.rename(columns={"Location": "location"}), "columns RowId, Location"),
        (lambda t: t.iloc[:-1], "46 RowIds"),
        (lambda t: t.iloc[::-1], "46 RowIds"),
        (lambda t: t.assign(Location=np.nan), "a Location from 0 to 96 in RowId 1"),
        (lambda t: t.assign(Location=96.5), "a Location from 0 to 96"),
    ],
)
def test_what_kaggle_would_refuse_is_not_let_through(outputs, change, expected):
    table = lookup([list(COLUMNS), FOUR, FOUR])
    result, _ = submission(outputs, table)
    check(result, table[:, 0])
    with pytest.raises(UserError, match=expected):
        check(pd.DataFrame(change(result)), table[:, 0])
