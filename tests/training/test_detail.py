import numpy as np
import pytest
from keras import ops

from faces.training import detail


def lost(images, factor, blur):
    chosen = np.full(len(images), detail.FACTORS.index(factor), "int32")
    blurs = np.full(len(images), blur, "float32")
    return ops.convert_to_numpy(detail.lose(ops.convert_to_tensor(images), chosen, blurs))


def pictures(rng, shape):
    return rng.uniform(0, 255, shape).astype("float32")


@pytest.mark.parametrize("shape", [(2, 60, 60, 3), (2, 96, 96, 1), (2, 10, 23, 3)])
@pytest.mark.parametrize("factor", detail.FACTORS[1:])
def test_reduced_as_pooling_and_resizing_do_it(rng, shape, factor):
    images = pictures(rng, shape)
    less = ops.average_pool(images, factor, strides=factor, padding="same")
    wanted = ops.image.resize(less, shape[1:3], interpolation="bilinear")
    np.testing.assert_allclose(lost(images, factor, 0), wanted, atol=0.02)


def test_blurred_as_pooling_does_it(rng):
    images = pictures(rng, (2, 12, 20, 3))
    wanted = images
    for _ in range(2):
        wanted = ops.average_pool(wanted, 3, strides=1, padding="same")
    np.testing.assert_allclose(lost(images, 1, 1), wanted, atol=0.02)


def test_each_image_loses_what_was_chosen_for_it(rng):
    images = pictures(rng, (3, 12, 12, 1))
    both = detail.lose(ops.convert_to_tensor(images), np.array([0, 2, 0]), np.array([0, 0, 0.5]))
    both = ops.convert_to_numpy(both)
    np.testing.assert_allclose(both[0], images[0], atol=0.02)
    np.testing.assert_allclose(both[1:2], lost(images[1:2], 3, 0), atol=0.02)
    np.testing.assert_allclose(both[2:], lost(images[2:], 1, 0.5), atol=0.02)
    assert np.var(both[2]) < 0.9 * np.var(images[2])
