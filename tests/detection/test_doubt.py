"""The real networks, untrained, behind what asks them."""

import numpy as np
import pytest

from faces.detection.doubt import points_and_doubt
from faces.keypoints.model import network
from faces.keypoints.model.predict import outputs
from faces.training.asking import Direct, with_heatmaps
from faces.training.averages import average


def built(model="heatmaps"):
    return network.build({"model": model, "width": 4, "depth": 1}, (96, 96, 1), 19)


@pytest.mark.parametrize("members", [1, 2])
def test_heatmaps_come_with_the_points_of_the_model_itself(members, rng):
    model = average([built() for _ in range(members)])
    images = rng.integers(0, 256, (3, 96, 96, 1), dtype=np.uint8)
    points, doubt = points_and_doubt(Direct(with_heatmaps(model)), images)
    expected = outputs(model, images, flip=True)[:, :15]
    np.testing.assert_allclose(points, expected, atol=1e-3)
    assert (doubt[:, 0] > 5).all()  # untrained: spread over the frame


def test_a_network_without_heatmaps_can_be_asked(rng):
    images = rng.integers(0, 256, (2, 96, 96, 1), dtype=np.uint8)
    points, doubt = points_and_doubt(Direct(with_heatmaps(built("report-2"))), images)
    assert points.shape == (2, 15, 2) and np.isnan(doubt[:, 0]).all()
