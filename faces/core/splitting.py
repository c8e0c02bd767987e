"""Splits that keep what is alike on one side: duplicates, near duplicates, look-alikes."""

import warnings
from hashlib import blake2b

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from sklearn.model_selection import StratifiedGroupKFold

from faces.core.errors import UserError

TRAIN, VALIDATION, TEST = 0, 1, 2
NAMES = ("train", "validation", "test")
MANY = 20_000  # rows; of more, groups are bounded, and a hash chooses their side
CROWD = 8  # rows; smaller groups are no crowd, however small the share


def join(pairs: np.ndarray, n: int) -> np.ndarray:
    """Groups of rows that pairs connect, directly or through others: int32 (n,).

    Args:
        pairs: int (p, 2), rows that belong together.

    >>> join(np.array([[0, 2], [2, 3]]), 4).tolist()
    [0, 1, 0, 0]
    """
    pairs = np.asarray(pairs).reshape(-1, 2)
    graph = coo_array((np.ones(len(pairs), bool), (pairs[:, 0], pairs[:, 1])), shape=(n, n))
    return connected_components(graph, directed=False)[1].astype(np.int32)


def neighbours(groups: np.ndarray) -> np.ndarray:
    """Pairs of rows that follow each other in a group, which join each group: int (p, 2).

    >>> neighbours(np.array([0, 1, 0, 0])).tolist()
    [[0, 2], [2, 3]]
    """
    order = np.argsort(groups, kind="stable")
    pairs = np.stack([order[:-1], order[1:]], axis=1)
    return pairs[groups[order[:-1]] == groups[order[1:]]]


def join_closest(pairs: np.ndarray, likeness: np.ndarray, n: int) -> np.ndarray:
    """Join rows as `join` does; of many rows, no group becomes larger than `largest_group`.

    Of many rows some are alike by chance, and chains of these would put most rows into one group.
    The pairs most alike are joined first; a pair that would make a group too large is not.

    Args:
        pairs: int (p, 2). likeness: float (p,), of the rows of each pair.
    """
    groups, most = join(pairs, n), largest_group(n)
    doubtful = np.bincount(groups)[groups[pairs[:, 0]]] > most
    if not doubtful.any():
        return groups
    order = np.flatnonzero(doubtful)[np.argsort(-likeness[doubtful], kind="stable")]
    kept = order[followed(pairs[order], most)]
    cut = len(order) - len(kept)
    print(f"{cut} of {len(pairs)} pairs alike are not joined: a group would be above {most} rows")
    return join(np.concatenate([pairs[~doubtful], pairs[kept]]), n)


def largest_group(n: int) -> int:
    """Choose how many of n rows a group may have: all, or of many rows a thousandth or 1,000.

    >>> largest_group(7049), largest_group(30_000), largest_group(5_000_000)
    (7049, 1000, 5000)
    """
    return n if n <= MANY else max(1000, n // 1000)


def followed(pairs: np.ndarray, most: int) -> list[int]:
    """Join pairs in their order while groups have at most `most` rows; list the pairs joined."""
    above: dict[int, int] = {}  # the smaller group under the larger one: no way up is long
    size: dict[int, int] = {}
    kept = []
    for number, pair in enumerate(pairs.tolist()):
        small, large = sorted((top(row, above) for row in pair), key=lambda row: size.get(row, 1))
        together = size.get(small, 1) + size.get(large, 1)
        if small != large and together > most:
            continue
        if small != large:
            above[small], size[large] = large, together
        kept.append(number)
    return kept


def top(row: int, above: dict[int, int]) -> int:
    """Find the row above all others of a row's group."""
    while row in above:
        row = above[row]
    return row


def fewest_folds(share: float) -> int:
    """The least number of equal parts of which some make up the share, to within 0.01.

    >>> fewest_folds(0.1), fewest_folds(0.35)
    (10, 14)
    """
    return next(n for n in range(2, 101) if abs(max(1, round(n * share)) / n - share) <= 0.01)


def without_large(
    candidates: np.ndarray, groups: np.ndarray, share: float
) -> tuple[np.ndarray, float]:
    """The candidates without groups that would fill half of what is held out, and the new share.

    One crowd of look-alikes would be most of a test split, and say little of others. All stay
    candidates where too few rows would be left to choose from.
    """
    wanted = share * len(candidates)
    sizes = np.bincount(groups[candidates])[groups[candidates]]
    fitting = candidates[sizes <= max(CROWD, wanted / 2)]
    if len(fitting) < 2 * wanted:
        return candidates, share
    return fitting, wanted / len(fitting)


def hold_out(
    candidates: np.ndarray,
    strata: np.ndarray,
    groups: np.ndarray,
    share: float,
    seed: int,
    name: str = "",
) -> np.ndarray:
    """About this share of the candidates, whole groups of them, each stratum in proportion.

    Of many rows a hash chooses the groups, and strata are in proportion because they are many.

    Args:
        candidates: int (k,), rows to choose from.
        strata, groups: (n,), of all rows.
        share: of the candidates, from 0 to 0.5.
        name: of what they are held out for; with another name a hash chooses others.

    Returns:
        int (about share * k,), sorted rows.

    Raises:
        UserError: there are too few rows, or too few groups.
    """
    candidates, share = without_large(candidates, groups, share)
    strata, groups = strata[candidates], groups[candidates]
    folds = fewest_folds(share)
    if folds > min(len(np.unique(groups)), np.bincount(strata).max()):
        raise UserError(
            f"enough rows that are not alike to hold out {share:.0%} of them",
            f"{len(candidates)} rows in {len(np.unique(groups))} groups",
            "Use more rows, or a larger share.",
        )
    if len(groups) > MANY:
        return np.sort(candidates[draw(candidates, groups, f"{seed} {name}") < share])
    splitter = StratifiedGroupKFold(folds, shuffle=True, random_state=seed)
    with warnings.catch_warnings():
        # A rare stratum cannot be in every fold: that is no fault.
        warnings.filterwarnings("ignore", "The least populated class")
        parts = [part for _, part in splitter.split(candidates, strata, groups)]
    chosen = np.concatenate(parts[: max(1, round(folds * share))])
    return np.sort(candidates[chosen])


def draw(rows: np.ndarray, groups: np.ndarray, key: str) -> np.ndarray:
    """Draw a number from 0 to 1 for each group: a hash of the key and the group's first row.

    Rows that are added later change nothing for it.

    Args:
        rows: int (n,), sorted. groups: int (n,). key: another one gives other numbers.

    Returns:
        float (n,), equal in a group.
    """
    _, first, group = np.unique(groups, return_index=True, return_inverse=True)
    hashes = (blake2b(f"{key} {row}".encode(), digest_size=4) for row in rows[first].tolist())
    numbers = np.array([int.from_bytes(found.digest(), "big") for found in hashes])
    return (numbers / 2**32)[group]


def counts(split: np.ndarray) -> dict[str, int]:
    """How many rows each side has."""
    return {name: int((split == side).sum()) for side, name in enumerate(NAMES)}
