import numpy as np
import pytest
from sklearn import metrics

from faces.gender.scoring import scores

CLASSES = ["Male", "Female"]


@pytest.fixture
def answers(rng):
    answer = rng.dirichlet([1, 1], 200)
    target = np.eye(2)[rng.integers(0, 2, 200)]
    return answer, target


def test_the_figures_agree_with_scikit_learn(answers):
    answer, target = answers
    label, guess = target.argmax(axis=1), answer.argmax(axis=1)
    result = scores.scores(answer, target, CLASSES)
    assert result["accuracy"] == pytest.approx(metrics.accuracy_score(label, guess), abs=1e-4)
    assert result["log_loss"] == pytest.approx(metrics.log_loss(label, answer), abs=1e-3)
    recall = metrics.recall_score(label, guess, average=None)
    assert list(result["recall_by_class"].values()) == pytest.approx(recall, abs=1e-4)
    assert result["n_right"] == (label == guess).sum()
    for k, name in enumerate(CLASSES):
        right, n = int(((label == k) & (guess == k)).sum()), int((label == k).sum())
        assert result["n_by_class"][name] == n
        assert result["recall_interval_by_class"][name] == scores.wilson(right, n)
    table = [list(row.values()) for row in result["confusion"].values()]
    assert table == metrics.confusion_matrix(label, guess).tolist()
    assert result["n_images"] == 200


def test_the_interval_is_the_published_one():
    assert scores.wilson(190, 200) == pytest.approx([0.9104, 0.9726], abs=2e-4)
    assert scores.wilson(10, 10)[1] == 1 and scores.wilson(10, 10)[0] < 0.8


def test_a_model_that_knows_its_doubt_has_no_calibration_error():
    answer = np.tile([0.75, 0.25], (400, 1))
    target = np.eye(2)[(np.arange(400) % 4 == 0).astype(int)]
    assert scores.scores(answer, target, CLASSES)["calibration_error"] == pytest.approx(0, abs=1e-4)
    boastful = np.tile([1.0, 0.0], (400, 1))
    result = scores.scores(boastful, target, CLASSES)
    assert result["calibration_error"] == pytest.approx(0.25, abs=1e-4)


def test_a_class_without_photos_has_no_recall():
    answer, target = np.array([[0.9, 0.1]]), np.array([[1.0, 0.0]])
    result = scores.scores(answer, target, CLASSES)
    assert result["recall_by_class"] == {"Male": 1.0, "Female": None}
    assert result["recall_interval_by_class"]["Female"] is None
