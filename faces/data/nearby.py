"""Find rows that are alike without comparing each with each.

A row is a vector of length 1, and how alike two are is their product. An index puts rows that are
alike into one cell, as the inverted file (IVF) of a vector database does. A row is compared only
with the rows of the cells nearest to it, and only by a short code of it. The product of two codes
is never below that of their rows, so a code hides nothing; only a cell that is too far away can.
"""

from collections.abc import Callable, Iterator

import numpy as np
from scipy.sparse import csr_array
from threadpoolctl import threadpool_limits

from faces.core.threads import in_order

CODE = 64  # numbers
CELLS = 2  # times the root of the number of rows: so many cells there are
NEAREST = 16  # cells, of which the rows are looked at
SAMPLE = 20_000  # rows that the axes of codes are learnt from
LEARNT_FROM = 32  # rows for each cell, to find its centre
ROUNDS = 3  # of k-means
BLOCK, CHUNK = 2048, 2**18  # rows at a time
ROUNDING = 1e-5  # more than a product in single precision can be wrong by
Rows = Callable[[np.ndarray], np.ndarray]  # row numbers (k,) -> float32 (k, d), each of length 1
# Products of blocks of one size, each on one thread: the same bits whatever the number of threads.
on_one_thread = threadpool_limits.wrap(limits=1, user_api="blas")


@on_one_thread
def alike(rows: Rows, n: int, least: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Find pairs of n rows whose product is at least this: int (p, 2), and the products (p,).

    Args:
        rows: gives rows by their numbers. seed: of what is learnt of a sample.
    """
    codes = coded(rows, n, axes(rows, n, CODE, seed))
    cells = Cells(codes, number_of_cells(n), seed)
    pairs, products = [np.zeros((0, 2), int)], [np.zeros(0, np.float32)]
    for start in range(0, n, CHUNK):
        for found in candidates(cells, codes[start : start + CHUNK], least):
            found = np.sort(found + [start, 0], axis=1)
            for some in blocks(found[found[:, 0] < found[:, 1]]):
                product = np.einsum("ij,ij->i", rows(some[:, 0]), rows(some[:, 1]))
                pairs.append(some[product >= least - 1e-6])
                products.append(product[product >= least - 1e-6])
    found, where = np.unique(np.concatenate(pairs), axis=0, return_index=True)
    return found, np.concatenate(products)[where]


def blocks(rows: np.ndarray) -> Iterator[np.ndarray]:
    """Give the rows, a block at a time."""
    return (rows[start : start + BLOCK] for start in range(0, len(rows), BLOCK))


def axes(rows: Rows, n: int, size: int, seed: int) -> np.ndarray:
    """Learn the directions in which n rows differ most: float32 (d, size - 1 or fewer)."""
    sample = rows(some(n, SAMPLE, seed))
    found = np.linalg.eigh(sample.T @ sample)[1]
    return np.ascontiguousarray(found[:, ::-1][:, : size - 1], np.float32)


def some(n: int, most: int, seed: int) -> np.ndarray:
    """Choose at most so many of n row numbers, sorted."""
    return np.sort(np.random.default_rng(seed).choice(n, min(n, most), replace=False))


def code(rows: np.ndarray, axes: np.ndarray) -> np.ndarray:
    """Make codes, float32 (k, size): places along the axes, and the length of what these leave out.

    Their product is the largest that the product of the rows (k, d) can be.
    """
    places = rows @ axes
    left = (rows * rows).sum(axis=1) - (places * places).sum(axis=1)
    return np.column_stack([places, np.sqrt(np.maximum(left, 0))])


def coded(rows: Rows, n: int, axes: np.ndarray) -> np.ndarray:
    """Make codes of n rows, on all cores: float32 (n, size)."""
    return np.concatenate([*in_order(lambda some: code(rows(some), axes), blocks(np.arange(n)))])


def number_of_cells(n: int) -> int:
    """Choose how many cells n codes have: few codes in each, and not many centres to compare with.

    >>> number_of_cells(10_000)
    200
    """
    return max(1, min(n, round(CELLS * n**0.5)))


class Cells:
    """Codes in cells of codes alike.

    Args:
        codes: float32 (n, size). number: of cells. seed: of the rows that their centres begin with.
    """

    def __init__(self, codes: np.ndarray, number: int, seed: int):
        self.codes = codes
        self.centres = centres(codes, number, seed)
        self.put(homes(codes, self.centres))

    def nearest(self, codes: np.ndarray, number: int) -> np.ndarray:
        """Find so many cells nearest to each code: int32 (q, number), in no order."""
        number = min(number, len(self.centres))

        def of(block: np.ndarray) -> np.ndarray:
            far = -(block @ self.centres.T)
            return np.argpartition(far, number - 1, axis=1)[:, :number].astype(np.int32)

        return np.concatenate([*in_order(of, blocks(codes))])

    def put(self, home: np.ndarray) -> None:
        """Say in which cell each code is, int (n,); -1: in none."""
        self.home, self.order = home, np.argsort(home, kind="stable")
        self.starts = np.searchsorted(home[self.order], np.arange(len(self.centres) + 1))

    def around(self, cell: int, least: int) -> np.ndarray:
        """Give numbers of the codes in the cells nearest to one, at least so many if there are."""
        near = np.argsort(-(self.centres @ self.centres[cell]), kind="stable")
        sizes = self.starts[near + 1] - self.starts[near]
        near = near[: np.searchsorted(np.cumsum(sizes), least) + 1]
        return np.sort(np.concatenate([self.members(cell) for cell in near]))

    def members(self, cell: int) -> np.ndarray:
        """Give the numbers of the codes in a cell."""
        return self.order[self.starts[cell] : self.starts[cell + 1]]


def centres(codes: np.ndarray, number: int, seed: int) -> np.ndarray:
    """Find the centres of so many cells by k-means: float32 (number, size), each of length 1."""
    sample = codes[some(len(codes), LEARNT_FROM * number, seed)]
    found = directions(sample[some(len(sample), number, seed)])
    for _ in range(ROUNDS):
        home = homes(sample, found)
        entries = np.ones(len(home), np.float32), (home, np.arange(len(home)))
        sums = csr_array(entries, shape=(number, len(home))) @ sample
        found = np.where(sums.any(axis=1, keepdims=True), directions(sums), found)
    return found


def homes(codes: np.ndarray, centres: np.ndarray) -> np.ndarray:
    """Find the cell of each code: int (n,)."""
    found = in_order(lambda block: (block @ centres.T).argmax(axis=1), blocks(codes))
    return np.concatenate([np.zeros(0, int), *found])


def directions(rows: np.ndarray) -> np.ndarray:
    """Bring rows to length 1."""
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-6)


def by_cell(home: np.ndarray) -> list[tuple[int, np.ndarray]]:
    """List each cell in `home`, int (q,), with the positions where it stands."""
    if not len(home):
        return []
    order = np.argsort(home, kind="stable")
    cells, firsts = np.unique(home[order], return_index=True)
    return [*zip(cells.tolist(), np.split(order, firsts[1:]), strict=True)]


def candidates(
    cells: Cells, codes: np.ndarray, least: float, number: int = NEAREST
) -> Iterator[np.ndarray]:
    """Find pairs of a code and a row whose codes have at least this product, a part at a time.

    Args:
        codes: float32 (q, size), along the axes of those in the cells.
        number: of cells nearest to a code, whose rows it is compared with.

    Yields:
        int (p, 2): number of the code, number of the row.
    """
    near = cells.nearest(codes, number)

    def of(part: tuple[int, np.ndarray]) -> np.ndarray:
        cell, places = part
        rows, found = cells.members(cell), [np.zeros((0, 2), int)]
        known = cells.codes[rows].T
        for asking in blocks(places // near.shape[1]):
            i, j = np.nonzero(codes[asking] @ known >= least - ROUNDING)
            found.append(np.stack([asking[i], rows[j]], axis=1))
        return np.concatenate(found)

    yield from in_order(of, by_cell(near.ravel()))
