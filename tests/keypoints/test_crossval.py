import numpy as np
import pytest

from faces.keypoints.scoring import crossval


def test_the_figures_are_those_of_all_folds_together_and_of_each(rng):
    target = rng.uniform(20, 70, (6, 19, 2))
    target[1, 15:] = np.nan
    group = np.array([15, 15, 4, 4, 15, 4])
    fold = np.array([0, 0, 0, 1, 1, 1])
    answer = target + np.where(fold == 0, 1.0, 3.0)[:, None, None]
    answer[1, 15:] = 0
    data = {"target": target, "group": group}
    metrics = crossval.summary(answer, data, fold, [], 1)
    assert metrics["rmse_by_fold"] == pytest.approx([1, 3], abs=1e-3)
    assert 1 < metrics["rmse_interval"][0] <= metrics["rmse"] <= metrics["rmse_interval"][1] < 3
    assert metrics["n_images"] == 6 and crossval.strata(data).tolist() == group.tolist()
