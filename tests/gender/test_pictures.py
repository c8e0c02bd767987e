import numpy as np

from faces.drawing import sheets
from faces.gender.scoring import pictures

CLASSES = ["a", "b", "c"]


def words(figure) -> str:
    """All text of a figure."""
    titles = [axis.get_title() for axis in figure.axes]
    return " / ".join([figure.get_suptitle(), *(t.get_text() for t in figure.texts), *titles])


def test_the_worst_are_the_mistakes_the_surest_first(rng):
    images = rng.integers(0, 255, (5, 8, 8, 3)).astype(np.uint8)
    answer = np.array(
        [[0.9, 0.1, 0], [0.3, 0.6, 0.1], [0.05, 0, 0.95], [0, 0.2, 0.8], [1, 0, 0]], np.float32
    )
    target = np.eye(3)[[0, 0, 1, 2, 0]]
    said = words(pictures.pictures(images, answer, target, CLASSES)["worst"])
    assert "2 mistakes among 5 photos" in said
    assert said.index("c 95%, is b") < said.index("b 60%, is a") and "a 90%" not in said


def test_without_a_mistake_or_a_suspect_a_sentence_says_so(rng, tmp_path):
    images = rng.integers(0, 255, (3, 8, 8, 3)).astype(np.uint8)
    answer = np.eye(3)
    figure = pictures.pictures(images, answer, answer, CLASSES)["worst"]
    assert "No mistake among the 3 photos" in words(figure)
    sheets.save(figure, tmp_path / "a.png")

    for folds, sentence in (
        (3, "None of 3 labels is absurd"),
        (0, "gender.label_errors.folds is 0"),
    ):
        figure = sheets.no_label_errors({"folds": folds, "rows": 3}, "gender")
        assert sentence in words(figure)
