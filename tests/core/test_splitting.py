import numpy as np
import pytest

from faces.core import splitting
from faces.core.errors import UserError
from faces.core.splitting import hold_out, join, join_closest


def test_groups_are_joined_through_others():
    groups = join(np.array([[0, 1], [3, 4], [1, 4]]), 6)
    assert len({groups[i] for i in (0, 1, 3, 4)}) == 1
    assert len(set(groups.tolist())) == 3


def test_no_pair_means_every_row_alone():
    assert join(np.zeros((0, 2), int), 3).tolist() == [0, 1, 2]


def test_groups_stay_whole_and_strata_in_proportion(rng):
    groups = rng.integers(0, 300, 1000)
    strata = (groups % 3 == 0).astype(int)
    held = hold_out(np.arange(1000), strata, groups, 0.2, seed=0)
    rest = np.setdiff1d(np.arange(1000), held)
    assert not set(groups[held]) & set(groups[rest])
    assert 150 < len(held) < 250
    assert abs(strata[held].mean() - strata.mean()) < 0.05


@pytest.mark.parametrize("share", [0.02, 0.1, 0.22, 0.35, 0.4, 0.5])
def test_the_share_is_the_share_that_was_asked_for(share):
    held = hold_out(np.arange(2000), np.arange(2000) % 2, np.arange(2000), share, seed=0)
    assert abs(len(held) / 2000 - share) <= 0.011


def test_a_rare_stratum_does_no_harm():
    strata = np.array([0] * 95 + [1] * 5)
    assert 8 <= len(hold_out(np.arange(100), strata, np.arange(100), 0.1, seed=0)) <= 12


def test_too_few_groups_are_one_error():
    with pytest.raises(UserError, match="100 rows in 2 groups"):
        hold_out(np.arange(100), np.zeros(100, int), np.arange(100) // 50, 0.1, seed=0)


def test_the_seed_decides():
    groups, strata = np.arange(100), np.zeros(100, int)
    first, again, other = (hold_out(np.arange(100), strata, groups, 0.2, s) for s in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_a_crowd_of_look_alikes_is_not_the_test_split():
    groups = np.concatenate([np.zeros(30, int), np.arange(1, 71)])
    for seed in range(5):
        held = hold_out(np.arange(100), np.zeros(100, int), groups, 0.2, seed)
        assert 15 <= len(held) <= 25 and not (groups[held] == 0).any()


def test_large_groups_are_held_out_where_there_is_little_else():
    groups = np.arange(40) // 10
    held = hold_out(np.arange(40), np.zeros(40, int), groups, 0.25, seed=0)
    assert len(held) == 10 and len(np.unique(groups[held])) == 1


@pytest.fixture
def many(monkeypatch):
    """Lower what counts as many rows to 1,000, of which a group has 50 at most."""
    monkeypatch.setattr(splitting, "MANY", 1000)
    monkeypatch.setattr(splitting, "largest_group", lambda n: 50)


def test_a_chain_is_cut_at_its_weakest_pairs(many, capsys):
    chain = np.stack([np.arange(99), np.arange(1, 100)], axis=1)
    likeness = np.full(99, 0.96)
    likeness[29::30] = 0.951  # between rows 29 and 30, 59 and 60, 89 and 90
    groups = join_closest(chain, likeness, 120)
    assert np.bincount(groups).max() <= 50
    assert [len(set(groups[a:b].tolist())) for a, b in ((0, 30), (30, 60), (60, 90))] == [1, 1, 1]
    assert len(set(groups[100:].tolist())) == 20
    assert "2 of 99 pairs alike are not joined" in capsys.readouterr().out


def test_groups_that_are_small_enough_are_joined_as_ever(many, rng, capsys):
    pairs = rng.integers(0, 1000, (300, 2))
    np.testing.assert_array_equal(join_closest(pairs, rng.random(300), 1000), join(pairs, 1000))
    assert not capsys.readouterr().out


def test_of_many_rows_a_hash_holds_out_whole_groups(many, rng):
    groups, strata = rng.integers(0, 3000, 10_000), rng.integers(0, 2, 10_000)
    held = hold_out(np.arange(10_000), strata, groups, 0.1, seed=1, name="test")
    rest = np.setdiff1d(np.arange(10_000), held)
    assert not set(groups[held]) & set(groups[rest])
    assert 900 < len(held) < 1100 and abs(strata[held].mean() - 0.5) < 0.05


def test_rows_that_are_added_change_no_side(many):
    few, all_rows = np.arange(5000) // 2, np.arange(9000) // 2
    before, after = (
        hold_out(np.arange(len(g)), np.zeros(len(g), int), g, 0.1, 1) for g in (few, all_rows)
    )
    np.testing.assert_array_equal(before, after[after < 5000])


def test_seed_and_name_decide_what_a_hash_holds_out(many):
    held = [
        hold_out(np.arange(5000), np.zeros(5000, int), np.arange(5000), 0.1, seed, name).tolist()
        for seed, name in ((1, "test"), (1, "test"), (2, "test"), (1, "validation"))
    ]
    assert held[0] == held[1] and held[0] != held[2] and held[0] != held[3]
    both = set(held[0]) & set(held[3])
    assert 20 < len(both) < 90  # a tenth of a tenth: one says nothing of the other
