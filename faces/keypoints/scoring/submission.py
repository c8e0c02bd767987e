"""From predicted points to the file that Kaggle scores."""

import numpy as np
import pandas as pd

from faces.core.errors import UserError
from faces.keypoints.points import FRAME, N_POINTS, annotator_group, clip_to_frame, from_outputs


def asked_groups(lookup: np.ndarray, n_images: int) -> np.ndarray:
    """Whose habits each test image wants: 4 where no other than the four points are asked.

    Args:
        lookup: int (k, 3): RowId, position of the image, coordinate 0 to 29.

    Returns:
        int16 (n_images,), 15 or 4.
    """
    asked = np.zeros((n_images, N_POINTS), bool)
    asked[lookup[:, 1], lookup[:, 2] // 2] = True
    return annotator_group(asked)


def submission(outputs: np.ndarray, lookup: np.ndarray) -> tuple[pd.DataFrame, int]:
    """`RowId`, `Location`: a row for each row of the lookup table, in its order.

    Args:
        outputs: float (m, 19, 2), the model's outputs for the test images.
        lookup: int (k, 3), as `clean` gives it.

    Returns:
        The table, and how many of its values lay outside the frame and were moved to its edge.
    """
    points = from_outputs(outputs, asked_groups(lookup, len(outputs)))
    values = points.reshape(len(points), -1)[lookup[:, 1], lookup[:, 2]]
    values, outside = clip_to_frame(values)
    return pd.DataFrame({"RowId": lookup[:, 0], "Location": values.round(4)}), outside


def check(table: pd.DataFrame, row_ids: np.ndarray) -> None:
    """Raise a `UserError` unless Kaggle would take this table.

    Args:
        table: as read back from the file. row_ids: those of the lookup table, in its order.
    """
    todo = "Do not submit it; run `dvc repro` again."
    if list(table.columns) != ["RowId", "Location"]:
        raise UserError("the columns RowId, Location", ", ".join(map(str, table.columns)), todo)
    expected = f"the {len(row_ids):,} RowIds of the lookup table, in its order"
    if len(table) != len(row_ids):
        raise UserError(expected, f"{len(table):,} rows", todo)
    other = np.flatnonzero(table["RowId"].to_numpy() != row_ids)
    if len(other):
        received = f"{table['RowId'].iloc[other[0]]} in place of {row_ids[other[0]]}"
        raise UserError(expected, received, todo)
    values = pd.to_numeric(table["Location"], errors="coerce").to_numpy()
    wrong = np.flatnonzero(~((values >= 0) & (values <= FRAME)))
    if len(wrong):
        at = f"a Location from 0 to {FRAME} in RowId {row_ids[wrong[0]]}"
        raise UserError(at, str(table["Location"].iloc[wrong[0]]), todo)
