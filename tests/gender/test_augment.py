import numpy as np
from keras import ops

from faces.gender.model.augmentation import Augment
from faces.training import photometric

STILL = {**photometric.STILL, "colour": 0, "gray": 0, "mixup": 0}
TARGET = np.eye(2, dtype="float32")[np.arange(8) % 2]


def augmented(images, **changes):
    images, target = Augment({**STILL, **changes}, seed=0)(images, TARGET, training=True)
    return ops.convert_to_numpy(images), ops.convert_to_numpy(target)


def pictures(rng):
    return rng.uniform(20, 200, (8, 16, 16, 3)).astype("float32")


def test_with_every_knob_at_zero_nothing_changes(rng):
    images = pictures(rng)
    same, target = augmented(images)
    np.testing.assert_allclose(same, images, atol=0.05)
    np.testing.assert_array_equal(target, TARGET)


def test_mixing_mixes_photos_and_classes_by_the_same_share(rng):
    images = np.zeros((8, 16, 16, 3), "float32")
    images[1::2] = 200  # the pictures of class 1 are bright
    mixed, target = augmented(images, mixup=1.0)
    np.testing.assert_allclose(mixed.mean(axis=(1, 2, 3)), 200 * target[:, 1], atol=0.5)
    np.testing.assert_allclose(target.sum(axis=1), 1, atol=1e-5)
    assert ((target > 0.02) & (target < 0.98)).any()


def test_gray_takes_all_colour_and_keeps_the_brightness(rng):
    images = pictures(rng)
    gray, _ = augmented(images, gray=1)
    np.testing.assert_allclose(gray[..., 0], gray[..., 2], atol=1e-3)
    np.testing.assert_allclose(gray.mean(axis=-1), images.mean(axis=-1), atol=0.1)


def test_colour_changes_channels_apart_from_each_other(rng):
    images = pictures(rng)
    changed, _ = augmented(images, colour=0.2)
    factors = (changed / images).mean(axis=(1, 2))
    assert np.ptp(factors, axis=1).max() > 0.05 and 0.79 < factors.min() < factors.max() < 1.21


def test_a_covered_rectangle_is_small_and_flat(rng):
    images = pictures(rng)
    covered, _ = augmented(images, cutout=1)
    changed = (np.abs(covered - images) > 0.1).any(axis=-1).mean(axis=(1, 2))
    assert 0 < changed.max() <= 0.17


def test_small_takes_detail_and_keeps_what_is_coarse(rng):
    images = pictures(rng)
    small, _ = augmented(images, small=1)
    fine = [np.abs(np.diff(x, axis=1)).mean(axis=(1, 2, 3)) for x in (images, small)]
    assert (fine[1] < 0.7 * fine[0]).all()
    np.testing.assert_allclose(small.mean(axis=(1, 2)), images.mean(axis=(1, 2)), atol=6)
