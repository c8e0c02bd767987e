import numpy as np

from faces.core.test_time import SHIFTS, in_batches, shifted, views
from faces.gender.model import predict as gender
from faces.keypoints.model import predict as keypoints
from faces.keypoints.points import MIRROR_OUTPUTS


class Brightest:
    """Stands for a model that is always right: every point lies on the brightest pixel."""

    def predict_on_batch(self, images):
        flat = images[..., 0].reshape(len(images), -1).argmax(axis=1)
        y, x = np.unravel_index(flat, images.shape[1:3])
        return np.repeat(np.stack([x, y], axis=1)[:, None], 19, axis=1).astype(np.float32)


def test_a_shift_moves_the_picture_and_repeats_the_edge():
    image = np.arange(9).reshape(1, 3, 3, 1)
    assert shifted(image, 1, 0)[0, ..., 0].tolist() == [[0, 0, 1], [3, 3, 4], [6, 6, 7]]
    assert shifted(image, 0, -1)[0, ..., 0].tolist() == [[3, 4, 5], [6, 7, 8], [6, 7, 8]]


def test_asked_in_batches_the_answers_come_in_the_order_of_the_images():
    images, sizes = np.arange(300).reshape(300, 1), []

    def ask(part):
        sizes.append(len(part))
        return part * 2

    assert in_batches(ask, images, 128).tolist() == (images * 2).tolist()
    assert sizes == [128, 128, 44]


def test_every_view_gives_the_same_point_back(rng):
    images = np.zeros((6, 96, 96, 1), np.uint8)
    places = rng.integers(10, 80, (6, 2))
    for image, (x, y) in zip(images, places, strict=True):
        image[y, x] = 255
    for flip, number in ((False, 1), (True, 1), (False, 5), (True, 5)):
        points = keypoints.outputs(Brightest(), images, flip, number)
        np.testing.assert_allclose(points, np.repeat(places[:, None], 19, axis=1), atol=1e-4)


def test_a_mirrored_answer_comes_back_under_the_names_of_the_other_side():
    points = np.arange(38, dtype=np.float32).reshape(1, 19, 2)
    back = keypoints.mirror(keypoints.mirror(points))
    np.testing.assert_array_equal(back, points)
    assert keypoints.mirror(points)[0, 0, 0] == 95 - points[0, MIRROR_OUTPUTS[0], 0]


def test_probabilities_are_averaged_over_as_many_views_as_asked_for():
    asked = []

    class Counts:
        def predict_on_batch(self, images):
            asked.append(images)
            return np.full((len(images), 2), [len(asked), 0.0])

    answer = gender.outputs(Counts(), np.zeros((1, 8, 8, 3), np.uint8), True, 3)
    assert len(asked) == 6 and answer[0, 0] == 3.5
    assert len(list(views(asked[0], len(SHIFTS), False))) == 5
