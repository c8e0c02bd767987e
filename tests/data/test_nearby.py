import numpy as np
import pytest

from faces.core import threads
from faces.data import nearby


def unit(rows):
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


@pytest.fixture
def rows(rng):
    """3,000 rows as those of pictures, a few directions strong; every tenth is nearly another."""
    rows = rng.normal(0, 1, (3000, 100)) * np.linspace(2, 0.1, 100)
    rows[::10] = rows[1::10] + rng.normal(0, 0.15, (300, 100))
    return unit(rows)


def alike(rows, least=0.95):
    pairs, products = nearby.alike(lambda numbers: rows[numbers], len(rows), least, seed=0)
    return {tuple(pair) for pair in pairs.tolist()}, products


def exact(rows, least=0.95):
    pairs = np.argwhere(np.triu(rows @ rows.T >= least, 1))
    return {tuple(pair) for pair in pairs.tolist()}


def test_an_index_finds_the_pairs_that_comparing_all_finds(rows):
    pairs, products = alike(rows)
    assert len(pairs) >= 250 and pairs == exact(rows)
    assert len(products) == len(pairs) and products.min() >= 0.95 - 1e-6


def test_it_looks_at_a_small_part_of_all_pairs(rows):
    codes = nearby.coded(lambda numbers: rows[numbers], 3000, np.eye(100, 40, dtype=np.float32))
    cells = nearby.Cells(codes, nearby.number_of_cells(3000), seed=0)
    near = cells.nearest(codes, nearby.NEAREST)
    looked_at = np.bincount(cells.home, minlength=len(cells.centres))[near].sum()
    assert looked_at < 0.3 * 3000**2


@pytest.mark.parametrize("size", [2, 8, 64])
def test_codes_hide_no_pair(rows, size):
    axes = nearby.axes(lambda numbers: rows[numbers], len(rows), size, seed=0)
    codes = nearby.code(rows, axes)
    assert codes.shape == (3000, size)
    assert (codes @ codes.T - rows @ rows.T).min() > -nearby.ROUNDING


def test_the_number_of_threads_changes_no_bit(rows, monkeypatch):
    found = []
    for cores in (1, 2, 5):
        monkeypatch.setattr(threads, "cores", lambda cores=cores: cores)
        with nearby.threadpool_limits(cores):
            codes = nearby.coded(lambda numbers: rows[numbers], 3000, np.eye(100, 40))
            pairs, products = nearby.alike(lambda numbers: rows[numbers], 3000, 0.95, seed=0)
        found.append((codes.tobytes(), pairs.tobytes(), products.tobytes()))
    assert found[0] == found[1] == found[2]


def test_few_rows_and_rows_without_a_pair_are_no_fault(rows):
    assert alike(rows[1:2])[0] == set()
    assert alike(np.eye(50, dtype=np.float32))[0] == set()
    assert alike(rows[[0, 0, 0]])[0] == {(0, 1), (0, 2), (1, 2)}
