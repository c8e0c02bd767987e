"""TensorFlow, JAX and torch compute the same; the other two in processes of their own."""

import importlib.util
import json

import keras
import numpy as np
import pytest
from scipy import ndimage

from tests.helpers import on_backend
from tests.helpers.backends import said_on

pytestmark = pytest.mark.slow

BACKENDS = [name for name in ("tensorflow", "jax", "torch") if importlib.util.find_spec(name)]
OTHERS = [name for name in BACKENDS if name != "tensorflow"]
TASKS = ["keypoints", "gender"]


@pytest.fixture(scope="module")
def asked(tmp_path_factory):
    """What a backend computes, asked once: a function from its name to arrays by name."""
    folder, known = tmp_path_factory.mktemp("backends"), {}

    def ask(name: str) -> dict[str, np.ndarray]:
        if name not in known:
            file = folder / f"{name}.npz"
            if name == keras.backend.backend():
                on_backend.main(str(file))
            else:
                said_on(name, "tests.helpers.on_backend", str(file))
            known[name] = dict(np.load(file))
        return known[name]

    return ask


def resampled(pictures, matrices):
    """Pictures (n, h, w, c) moved by matrices (n, 3, 3), computed by SciPy in 64 bits."""
    n, height, width, channels = pictures.shape
    y, x = np.mgrid[:height, :width]
    here = np.stack([x.ravel(), y.ravel(), np.ones(x.size)])
    old = matrices.astype(float) @ here
    old = old[:, 1::-1] / old[:, 2:]  # rows before columns
    moved = [
        ndimage.map_coordinates(pictures[i, ..., c], old[i], order=1, mode="nearest")
        for i in range(n)
        for c in range(channels)
    ]
    return np.reshape(moved, (n, channels, height, width)).transpose(0, 2, 3, 1)


def centres(blobs):
    """Centres of mass (n, c, 2), x and y, of images (n, h, w, c)."""
    y, x = np.mgrid[: blobs.shape[1], : blobs.shape[2]]
    mass = blobs.sum(axis=(1, 2))
    sums = [(blobs * line[None, ..., None]).sum(axis=(1, 2)) for line in (x, y)]
    return np.stack(sums, axis=-1) / mass[..., None]


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("backend", BACKENDS)
def test_pixels_come_from_where_the_matrices_say(asked, backend, task):
    seen = {k.removeprefix(f"{task} moved "): v for k, v in asked(backend).items()}
    assert set(np.unique(seen["mirror"])) == {-1, 1}
    expected = resampled(seen["rough"], seen["matrices"])
    for way in ("rough moved", "rough gathered"):
        np.testing.assert_allclose(seen[way], expected, atol=0.5)  # gray levels


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("backend", BACKENDS)
def test_points_go_with_the_pixels_as_far_as_the_settings_allow(asked, backend, task):
    seen = {k.removeprefix(f"{task} moved "): v for k, v in asked(backend).items()}
    matrices = seen["matrices"].astype(float)
    there = np.concatenate([seen["points"][:, 0], np.ones((len(matrices), 1))], axis=1)
    there = np.einsum("nij,nj->ni", np.linalg.inv(matrices), there)
    np.testing.assert_allclose(
        seen["points moved"][:, 0], there[:, :2] / there[:, 2:], atol=0.01
    )  # pixels
    assert np.abs(seen["points moved"] - seen["points"]).max() > 10
    for channel in centres(seen["blobs moved"]).transpose(1, 0, 2):
        np.testing.assert_allclose(channel, seen["points moved"][:, 0], atol=0.1)


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("backend", OTHERS)
def test_from_the_same_random_numbers_augmentation_makes_the_same(asked, backend, task):
    for part in ("at limits", "augmented"):
        images, targets = f"{task} {part} images", f"{task} {part} targets"
        here, there = asked("tensorflow"), asked(backend)
        np.testing.assert_allclose(there[images], here[images], atol=0.5)
        np.testing.assert_allclose(there[targets], here[targets], atol=0.01)


@pytest.mark.parametrize("backend", OTHERS)
def test_the_same_weights_give_the_same_answers(asked, backend):
    here, there = asked("tensorflow"), asked(backend)
    names = [name for name in here if name.startswith("answers")]
    assert len(names) == 4
    for name in names:  # pixels, probabilities
        np.testing.assert_allclose(there[name], here[name], rtol=1e-5, atol=1e-3)


@pytest.mark.parametrize("backend", BACKENDS)
def test_the_variance_that_is_kept_is_that_of_all_values_not_of_the_batch(asked, backend):
    seen = asked(backend)
    x = seen["norm x"].astype(float)
    mean, variance = x.mean(axis=(0, 1, 2)), x.var(axis=(0, 1, 2))
    y = (x - mean) / np.sqrt(variance + 1e-3)
    np.testing.assert_allclose(seen["norm y"], y, atol=1e-5)
    kept = [0.5 * mean, 0.5 * (1 + x.var(axis=(0, 1, 2), ddof=1))]
    np.testing.assert_allclose(seen["norm kept"], kept, rtol=1e-5)


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("backend", OTHERS)
def test_a_training_has_the_same_curve(asked, backend, task):
    here, there = (asked(name)[f"{task} curve"] for name in ("tensorflow", backend))
    assert len(here) == 3 and np.ptp(here, axis=0).min() > 0.01
    np.testing.assert_allclose(there, here, rtol=2e-3)


@pytest.mark.parametrize("backend", BACKENDS)
def test_two_seeds_share_no_random_numbers(asked, backend):
    first, second = (asked(backend)[f"draws {seed}"].ravel() for seed in (1, 2))
    assert len(np.unique(first)) == first.size and not np.isin(first, second).any()


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_kept_training_knows_what_computed_it(asked, backend):
    origin = json.loads(str(asked(backend)["said"]))["origin"]
    assert backend in origin["versions"] and origin["precision"] == "float32"
    *instructions, threads = origin["processor"]
    assert instructions and isinstance(threads, int) and threads >= 1
