"""Arrays of a split by its sides: train, validation, test."""

from pathlib import Path

import numpy as np
import pandas as pd

from faces.core import files

SIDES = ("train", "validation", "test")


def load(split: Path, side: str, errors: Path | None = None) -> dict[str, np.ndarray]:
    """`image` and `target` of one side of a task's split.

    Args:
        split: folder of the task. errors: that of its label errors, which are left out; None
            keeps them. Stage label_errors asks nothing about test rows.
    """
    arrays = files.load_arrays(split, f"{side}_images", f"{side}_target")
    image, target = arrays[f"{side}_images"], arrays[f"{side}_target"]
    if errors is not None:
        keep = files.load_arrays(errors, f"{side}_keep")[f"{side}_keep"]
        if not keep.all():
            image, target = image[keep], target[keep]
    return {"image": image, "target": target}


def joined(parts: list[dict]) -> dict[str, np.ndarray]:
    """Put the arrays of all parts one after the other, by their names."""
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def table(split: Path) -> pd.DataFrame:
    """`rows.csv` of a task's split: a line for each row, with its side in `split`."""
    return pd.read_csv(split / "rows.csv", keep_default_na=False)


def in_table(split: Path, rows: pd.DataFrame) -> dict[str, np.ndarray]:
    """`image` and `target` of all rows, in the order of the split's table."""
    arrays: dict[str, np.ndarray] = {}
    for side in SIDES:
        here = np.flatnonzero(rows["split"] == side)
        for name, array in load(split, side).items():
            whole = arrays.setdefault(name, np.empty((len(rows), *array.shape[1:]), array.dtype))
            whole[here] = array
    return arrays


def kept(errors: Path, rows: pd.DataFrame) -> np.ndarray:
    """Which rows of the split's table have no label error: bool (n,), True for test rows."""
    keep = np.ones(len(rows), bool)
    for side in ("train", "validation"):
        keep[rows["split"] == side] = files.load_arrays(errors, f"{side}_keep")[f"{side}_keep"]
    return keep


def taking_part(split: Path, which: str) -> tuple[np.ndarray, pd.DataFrame]:
    """The rows of a cross-validation, one side after the other: int (n,), and the split's table.

    Args:
        which: all, or rest: without the test rows.
    """
    rows = table(split)
    chosen = SIDES if which == "all" else SIDES[:-1]
    return np.concatenate([np.flatnonzero(rows["split"] == side) for side in chosen]), rows


def columns(split: Path, which: np.ndarray, rows: pd.DataFrame, names: tuple) -> dict:
    """Arrays of rows of the split, by their names, with `image` for `images`.

    Args:
        which: int (n,), of `taking_part`, in the order of sides. rows: the split's table.
        names: as the files have them behind the side.
    """
    chosen = [side for side in SIDES if side in set(rows["split"].to_numpy()[which])]
    data = {
        name: np.concatenate([*files.load_arrays(split, *(f"{s}_{name}" for s in chosen)).values()])
        for name in names
    }
    data["image"] = data.pop("images")
    return data


def look_up(split: Path, listed: pd.DataFrame) -> dict[str, list[np.ndarray]]:
    """`image` and `target` of rows of the split, each an array.

    Args:
        listed: rows of the split's table, by `split` and `row` or `file`.
    """
    rows, found = table(split), {"image": [], "target": []}
    name = "row" if "row" in rows else "file"
    for side, which in zip(listed["split"], listed[name], strict=True):
        here = rows[rows["split"] == side].reset_index(drop=True)
        place = here.index[here[name] == which][0]
        for kind, array in load(split, side).items():
            found[kind].append(np.asarray(array[place]))
    return found
