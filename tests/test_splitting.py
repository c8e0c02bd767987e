import numpy as np
import pytest

from stages.errors import UserError
from stages.splitting import hold_out, join


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
