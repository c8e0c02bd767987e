"""The images move as the points do: a bright spot stays under its point."""

import keras
import numpy as np
import pytest
from keras import ops

from faces.keypoints.model.augmentation import Augment, move
from faces.keypoints.points import MIRROR_OUTPUTS, OUTPUT_NAMES
from faces.training import geometric
from faces.training.photometric import STILL


def spot(x, y):
    """An image with one soft bright spot, and targets that all lie on it."""
    rows, columns = np.mgrid[0:96, 0:96]
    image = 255 * np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / 8)
    return image[None, ..., None].astype("float32"), np.full((1, 19, 2), [x, y], "float32")


def centre_of(image):
    rows, columns = np.mgrid[0:96, 0:96]
    weight = image.sum()
    return (columns * image).sum() / weight, (rows * image).sum() / weight


@pytest.mark.parametrize(
    "change",
    [
        {"angle": 0.3},
        {"scale_x": 1.3, "scale_y": 0.8},
        {"shear": 0.2},
        {"shift_x": 7, "shift_y": -5},
        {"mirror": -1},
        {"tilt_x": 0.002, "tilt_y": -0.001},
        {"angle": -0.2, "scale_x": 0.9, "shift_x": 3, "mirror": -1, "tilt_y": 0.001},
    ],
)
def test_a_spot_stays_under_its_point(change):
    plain = {"angle": 0, "scale_x": 1, "scale_y": 1, "shear": 0, "shift_x": 0, "shift_y": 0}
    plain |= {"mirror": 1, "tilt_x": 0, "tilt_y": 0} | change
    tensors = {name: ops.convert_to_tensor([float(v)]) for name, v in plain.items()}
    matrices = geometric.matrices(96, **tensors)
    image, target = spot(40, 55)
    moved, points = move(image, target, matrices, tensors["mirror"])
    x, y = ops.convert_to_numpy(points)[0, 0]
    assert centre_of(ops.convert_to_numpy(moved)[0, ..., 0]) == pytest.approx((x, y), abs=0.15)
    assert (x, y) != pytest.approx((40, 55), abs=0.1)


def test_a_mirror_image_swaps_names_and_sides():
    image, target = spot(20, 30)
    target[0] = np.arange(38).reshape(19, 2)
    augment = Augment({**STILL, "flip": 1}, seed=0)
    flipped, points = map(ops.convert_to_numpy, augment(image, target, training=True))
    np.testing.assert_allclose(flipped, image[:, :, ::-1], atol=0.05)
    expected = target[0, MIRROR_OUTPUTS] * [-1, 1] + [95, 0]
    np.testing.assert_allclose(points[0], expected, atol=1e-3)
    left, right = OUTPUT_NAMES.index("left_eye_center"), OUTPUT_NAMES.index("right_eye_center")
    assert points[0, left, 0] == pytest.approx(95 - target[0, right, 0], abs=1e-3)
    back, again = augment(flipped, points, training=True)
    np.testing.assert_allclose(again[0], target[0], atol=1e-3)
    np.testing.assert_allclose(back, image, atol=0.1)


def test_unknown_points_stay_unknown_and_do_not_spread():
    image, target = spot(40, 40)
    target[0, 3] = np.nan
    settings = {**STILL, "degrees": 20, "shift": 5, "tilt": 0.1}
    _, points = Augment(settings, seed=1)(image, target, training=True)
    unknown = np.isnan(ops.convert_to_numpy(points)[0]).any(axis=1)
    assert unknown.tolist() == [i == 3 for i in range(19)]


def test_nothing_changes_outside_training():
    image, target = spot(40, 40)
    settings = {**STILL, "degrees": 20, "noise": 20, "cutout": 1}
    same, points = Augment(settings, seed=1)(image, target, training=False)
    np.testing.assert_array_equal(same, image)
    np.testing.assert_array_equal(points, target)


def test_each_image_of_a_batch_moves_by_itself():
    image, target = (np.repeat(a, 16, axis=0) for a in spot(40, 40))
    _, points = Augment({**STILL, "shift": 9}, seed=1)(image, target, training=True)
    points = ops.convert_to_numpy(points)
    assert np.ptp(points[:, 0, 0]) > 5
    assert np.abs(points[:, 0] - 40).max() <= 9
    np.testing.assert_allclose(np.ptp(points, axis=1), 0, atol=1e-4)


def test_it_computes_the_same_inside_a_compiled_function():
    image, target = (np.repeat(a, 4, axis=0) for a in spot(40, 40))
    settings = {**STILL, "flip": 0.5, "degrees": 20, "scale": 0.2, "noise": 5, "blur": 0.5}
    eager = Augment(settings, seed=1)(image, target, training=True)

    class Model(keras.Model):
        def __init__(self):
            super().__init__()
            self.augment = Augment(settings, seed=1)

        def call(self, inputs):
            return self.augment(*inputs, training=True)

    compiled = Model()
    compiled.compile(jit_compile=False)
    inside = compiled.predict([image, target], batch_size=4, verbose=0)
    for one, other in zip(eager, inside, strict=True):
        np.testing.assert_allclose(one, other, atol=0.05)
