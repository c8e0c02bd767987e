"""Exports of tiny models, answered by the runtimes that they are for."""

import importlib.util

import keras
import numpy as np
import pytest

from faces import export
from faces.core import files, litert, tasks
from faces.core.errors import UserError
from faces.training import exporting

MISSING = [name for name in export.PACKAGES if importlib.util.find_spec(name) is None]
SMALL = {
    "keypoints": ({"model": "heatmaps", "width": 4, "depth": 1}, (96, 96, 1), 19),
    "gender": ({"model": "residual", "width": 4, "depth": 1}, (24, 24, 3), 2),
}


@pytest.fixture(scope="module", params=sorted(SMALL))
def case(request):
    settings, shape, outputs = SMALL[request.param]
    keras.utils.set_random_seed(0)  # other weights may answer much the same to all, by chance
    model = tasks.module(request.param, "model.network").build(settings, shape, outputs)
    rng = np.random.default_rng(0)
    for weight in model.trainable_weights:  # an untrained network answers much the same to all
        weight.assign(weight + rng.normal(0, 0.1, weight.shape))
    return request.param, model, rng.uniform(0, 255, (3, *shape)).astype(np.float32)


def test_what_predict_asks_is_what_keras_says_heatmaps_included(case, tmp_path):
    task, model, images = case
    path = tmp_path / f"{task}.tflite"
    said = exporting.export(model, path, task, images.astype(np.uint8))
    assert said.startswith(f"{task}.tflite: ") and [p.name for p in tmp_path.iterdir()] == [
        path.name
    ]
    network = litert.load(path)
    assert network.input_shape == (1, *images.shape[1:])
    outputs = exporting.outputs(network.predict_on_batch(images))
    assert np.abs(outputs[0] - np.asarray(model(images))).max() <= exporting.TOLERANCE[task]
    assert [o.shape[1:] for o in outputs[1:]] == ([(24, 24, 19)] if task == "keypoints" else [])


def test_a_network_that_answers_otherwise_gets_no_name(case, tmp_path, monkeypatch):
    task, model, images = case
    monkeypatch.setattr(
        litert.Network, "predict_on_batch", lambda _, images: np.full((len(images), 2), np.nan)
    )
    monkeypatch.setattr(exporting, "with_heatmaps", lambda model: model)
    with pytest.raises(UserError, match=rf"answers of .*{task}\.tflite within"):
        exporting.export(model, tmp_path / f"{task}.tflite", task, images)
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_network_is_one_line(tmp_path):
    (tmp_path / "x.tflite").write_bytes(b"no network")
    with pytest.raises(UserError, match=r"a network for LiteRT in .*x\.tflite"):
        litert.load(tmp_path / "x.tflite")
    with pytest.raises(UserError, match="No such file"):
        litert.load(tmp_path / "none.tflite")


@pytest.mark.skipif(bool(MISSING), reason=f"no {MISSING}: requirements-export.txt")
@pytest.mark.parametrize("kind", list(export.FORMATS))
def test_an_export_answers_as_keras_does_to_pixels_and_in_batches(case, kind, tmp_path):
    task, model, images = case
    line = export.export(model, kind, tmp_path, task, images)
    path = tmp_path / f"{task}{export.FORMATS[kind]}"
    assert path.name in line and [p.name for p in tmp_path.iterdir()] == [path.name]
    ask, expected = export.RUNNERS[kind](path), np.asarray(model(images, training=False))
    assert np.ptp(expected, axis=0).max() > 10 * exporting.TOLERANCE[task]
    for part in (slice(0, 3), slice(1, 2)):
        answer = ask(images[part])
        assert np.abs(answer - expected[part]).max() <= exporting.TOLERANCE[task]


def test_a_model_trained_in_16_bit_is_exported_in_32(case):
    import keras

    task, model, images = case
    settings, shape, outputs = SMALL[task]
    assert exporting.in_float32(model) is model
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        half = tasks.module(task, "model.network").build(settings, shape, outputs)
    finally:
        keras.config.set_dtype_policy("float32")
    half.set_weights(model.get_weights())
    whole = exporting.in_float32(half)
    assert "bfloat16" in half.to_json() and "bfloat16" not in whole.to_json()
    np.testing.assert_allclose(whole(images), model(images), rtol=1e-5, atol=1e-4)


@pytest.mark.parametrize("answer", [np.ones((3, 19, 2)), np.full((3, 1, 2), np.nan)])
def test_a_file_that_answers_otherwise_gets_no_name(answer, tmp_path, monkeypatch):
    monkeypatch.setattr(exporting, "convert", lambda model, kind, path: path.write_bytes(b"x"))
    monkeypatch.setitem(export.RUNNERS, "onnx", lambda path: lambda images: answer)
    with pytest.raises(UserError, match=r"answers of .*keypoints\.onnx within 0\.01"):
        export.export(lambda images, training: answer[:, :1] * 0, "onnx", tmp_path, "keypoints", 0)
    assert list(tmp_path.iterdir()) == []


def test_missing_packages_are_named_with_what_to_do(monkeypatch):
    monkeypatch.setattr(export, "PACKAGES", ("numpy", "no_such_package"))
    with pytest.raises(UserError, match=r"no no_such_package.*requirements-export\.txt"):
        export.check_packages()


def test_both_models_of_a_run_are_exported_with_images_of_theirs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    export.MODELS.mkdir(parents=True)
    for task, (settings, shape, outputs) in SMALL.items():
        model = tasks.module(task, "model.network").build(settings, shape, outputs)
        model.save(export.MODELS / f"{task}.keras")
        with files.replacing(export.SPLIT / task) as folder:
            files.save_arrays(folder, {"test_images": np.zeros((2, *shape), np.uint8)})
    (export.MODELS / "gender.json").write_text('["a", "b"]', encoding="utf-8")
    asked = []

    def answered(model, kind, folder, task, images):
        asked.append((task, kind, model.predict_on_batch(images).shape))

    monkeypatch.setattr(export, "PACKAGES", ())
    monkeypatch.setattr(export, "export", answered)
    export.main()
    shapes = {"keypoints": (2, 19, 2), "gender": (2, 2)}
    assert asked == [(task, kind, shapes[task]) for task in shapes for kind in export.FORMATS]
