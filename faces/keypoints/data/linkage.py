"""Group rows by average linkage: from a table of all pairs or, of many rows, without one."""

import numpy as np
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform

from faces.core.progress import progress_bar
from faces.core.threads import in_order
from faces.data import nearby

CODE = 128  # numbers; of aligned faces, 64 leave out too much to tell which is nearest
LOOKED_AT = 24_000  # groups, in the cells nearest to a group, that it is compared with
CELL = 2048  # groups in a cell
PART = 512  # groups that ask at a time


def linked(rows: np.ndarray, likeness: float) -> np.ndarray:
    """Group rows so that two groups have on average a product below `likeness`, by a table.

    Args:
        rows: float32 (n, d), each of length 1.

    Returns:
        int (n,), from 0, the same number for one group.
    """
    distances = np.clip(1 - rows @ rows.T, 0, 2)
    np.fill_diagonal(distances, 0)
    tree = linkage(squareform(distances, checks=False), "average")
    return fcluster(tree, 1 - likeness, "distance") - 1


@nearby.on_one_thread
def merged(rows: np.ndarray, likeness: float, most: int, seed: int) -> np.ndarray:
    """Group rows as `linked` does, without a table; from 24,000 rows on nearly so.

    The mean product of the rows of two groups is the product of their mean rows. Each group looks
    for the one most like it; two that name each other are merged, until no two are alike enough.

    Args:
        rows: float32 (n, d), each of length 1; they are overwritten.
        most: rows in a group; two groups that would be more together stay as they are.
        seed: of what the index learns.

    Returns:
        int (n,), from 0, the same number for one group.
    """
    groups = Groups(rows, likeness, seed)
    asking = np.arange(len(rows))
    bar = progress_bar(desc="group faces", unit="face", leave=False)
    while len(asking):
        groups.ask(asking)
        bar.update(len(asking))
        first, second = groups.mutual()
        fits = groups.size[first] + groups.size[second] <= most
        full = np.concatenate([first[~fits], second[~fits]])
        asking = groups.merge(first[fits], second[fits], full)
    return np.unique(roots(groups.into), return_inverse=True)[1]


class Groups:
    """Keep groups of rows, each named by its first row, and for each the one most like it.

    Attributes:
        sums: float32 (n, d), of the rows of each group. size: float (n,), how many these are.
        into: int (n,), the group that a row's group was merged into; itself if none.
        best, value: (n,), the group most like each, -1 if none is alike enough; and how much.
    """

    def __init__(self, rows: np.ndarray, likeness: float, seed: int):
        n = len(rows)
        self.sums, self.size, self.into = rows, np.ones(n, np.float32), np.arange(n)
        self.best, self.value = np.full(n, -1), np.full(n, -1, np.float32)
        self.least = likeness
        self.axes = nearby.axes(lambda some: rows[some], n, CODE, seed)
        codes = nearby.coded(lambda some: rows[some], n, self.axes)
        self.cells = nearby.Cells(codes, -(-n // CELL), seed)

    def means(self, groups: np.ndarray) -> np.ndarray:
        """Give the mean row of each group: float32 (k, d)."""
        return self.sums[groups] / self.size[groups, None]

    def ask(self, asking: np.ndarray) -> None:
        """Look for the group most like each of these."""
        parts = [
            (cell, part)
            for cell, where in nearby.by_cell(self.cells.home[asking])
            for part in np.split(asking[where], range(PART, len(where), PART))
        ]
        for (_, part), (best, value) in zip(parts, in_order(self.most_alike, parts), strict=True):
            self.best[part], self.value[part] = best, value

    def most_alike(self, both: tuple[int, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
        """Find the group most like each of some in one cell, -1 if none is alike enough; how much.

        A code says how alike two groups are at most: those that might be more alike than the best
        by codes are compared as they are.
        """
        cell, part = both
        others = self.cells.around(cell, LOOKED_AT)
        bounds = self.cells.codes[part] @ self.cells.codes[others].T
        bounds[part[:, None] == others] = -1
        first = others[bounds.argmax(axis=1)]
        means = self.means(part)
        least = np.maximum(np.einsum("ij,ij->i", means, self.means(first)), self.least)
        i, j = np.nonzero(bounds >= least[:, None] - nearby.ROUNDING)
        found = [
            np.einsum("ij,ij->i", means[i[some]], self.means(others[j[some]]))
            for some in nearby.blocks(np.arange(len(i)))
        ]
        value = np.concatenate([np.zeros(0, np.float32), *found])
        enough = value >= self.least
        i, other, value = i[enough], others[j[enough]], value[enough]
        order = np.lexsort((other, -value, i))
        asked, at = np.unique(i[order], return_index=True)
        best, most = np.full(len(part), -1), np.full(len(part), -1, np.float32)
        best[asked], most[asked] = other[order[at]], value[order[at]]
        return best, most

    def mutual(self) -> tuple[np.ndarray, np.ndarray]:
        """Find groups that name each other: the earlier ones and the later ones.

        A group that is named by a closer one than it names did not look into its cell: it names
        that one instead.
        """
        naming = np.flatnonzero(self.best >= 0)
        naming = naming[self.value[naming] > self.value[self.best[naming]]]
        naming = naming[np.argsort(self.value[naming], kind="stable")]  # of several, the closest
        named = self.best[naming]
        self.best[named], self.value[named] = naming, self.value[naming]
        naming = np.flatnonzero(self.best >= 0)
        mutual = naming[self.best[self.best[naming]] == naming]
        if len(naming) and not len(mutual):  # equally close ones that name each other in a ring
            mutual = naming[[self.value[naming].argmax()]]
        pairs = np.unique(np.sort(np.stack([mutual, self.best[mutual]]), axis=0), axis=1)
        return pairs[0], pairs[1]

    def merge(self, first: np.ndarray, second: np.ndarray, full: np.ndarray) -> np.ndarray:
        """Put the second groups into the first ones, and close those that are full.

        Returns:
            Groups that have to look again: those that grew, and those that named one that is gone.
        """
        self.sums[first] += self.sums[second]
        self.size[first] += self.size[second]
        self.into[second] = first
        changed = np.zeros(len(self.into), bool)
        changed[np.concatenate([first, second, full])] = True
        again = (self.best >= 0) & changed[self.best]
        again[first] = True
        gone = np.concatenate([second, full])
        again[gone], self.best[gone] = False, -1
        self.cells.codes[first] = nearby.code(self.means(first), self.axes)
        home = self.cells.home
        home[first] = nearby.homes(self.cells.codes[first], self.cells.centres)
        home[gone] = -1
        self.cells.put(home)
        return np.flatnonzero(again)


def roots(into: np.ndarray) -> np.ndarray:
    """Follow each row to where it is merged in the end: int (n,).

    >>> roots(np.array([0, 0, 1, 3])).tolist()
    [0, 0, 0, 3]
    """
    while (into[into] != into).any():
        into = into[into]
    return into
