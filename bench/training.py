"""Training: images a second, and the share of the machine's arithmetic that they make use of.

Both default networks by the pipeline's own `fit` on made-up rows: feeding, augmentation, forward,
backward, optimizer and moving average, as params.yaml says. *Used* is what forward and backward
compute (multiplications and additions of convolutions and dense layers, all but a hundredth of the
work; backward twice as many as forward), over what the same process gets out of matrix products
between the epochs: 2048 x 2048 in float32, on a GPU 8192 x 8192 in the precision of the training.
PyTorch takes its turn there too, in a process of its own: the same network, layer by layer, and
batches as large, channels_last, AdamW, without augmentation, moving average and feeding.
"""

import importlib.util
import itertools
import json
import math
import subprocess
import sys
import time
from statistics import median

import keras
import numpy as np
from keras import layers

from bench.clock import Clock
from bench.report import Line
from bench.timing import ROUNDS
from faces.core import params, tasks
from faces.core.threads import cores
from faces.training import ensemble, hardware
from faces.training.fit import fit

# Steps to an epoch: about as many as the real photos give, since beginning one takes time too.
STEPS, SIDE, GOAL = 100, 2048, 0.8
BACKWARD = 2  # operations, times forward: by the weights once and by the inputs once


def measure(share: float = 1) -> list[Line]:
    """Measure both tasks."""
    count = max(2, round(share * STEPS))
    return [line for task in tasks.ARCHIVES for line in measure_task(task, count)]


def measure_task(task: str, count: int) -> list[Line]:
    """Measure one task, with so many steps to an epoch."""
    network, settings = tasks.module(task, "model.network"), settings_of(task)
    said, seed = hardware.set_up(settings), settings["seed"]
    arrays = made_up(task, settings, count * settings["batch_size"])
    model = network.build(settings, arrays["image"].shape[1:], arrays["target"].shape[1])
    whole = network.with_augmentation(model, settings["augment"], seed)
    limits, others = [], []

    def between() -> None:
        limits.append(matrix_rate())
        others.append(twin(model, settings["batch_size"], count))

    clock = Clock(whole, between=between)
    few = {name: array[:2] for name, array in arrays.items()}
    loss, metric = network.loss_for(settings), network.Metric()
    fit(whole, loss, metric, arrays, few, settings, settings["lr"], seed)
    seconds, images = np.diff(clock.ends), len(arrays["image"])
    forward = sum(map(operations, model.layers))
    what = f"{task}; {said}; {forward / 1e9:.3f} GFLOP forward"
    by_limit = used(what, (1 + BACKWARD) * forward * images, seconds, limits)
    return [by_limit, beside_twin(task, images, seconds, others[1:])]


def settings_of(task: str) -> dict:
    """Read what params.yaml says of this training, but for few epochs."""
    names = ("source", "seed", "lr", "device", "precision", "deterministic")
    settings = params.load(*names, *(f"{task}.{name}" for name in ("train", "augment", "split")))
    return {**settings, **ensemble.training(settings), "epochs": ROUNDS + 1, "patience": 1000}


def made_up(task: str, settings: dict, rows: int) -> dict[str, np.ndarray]:
    """Make noise in the shapes of the task's rows: what is seen does not change the time."""
    random = np.random.default_rng(0)
    image, target = (rows, 96, 96, 1), random.uniform(5, 90, (rows, 19, 2)).astype(np.float32)
    if task == "gender":
        side = settings["split"]["size"]
        image, target = (rows, side, side, 3), np.eye(2, dtype=np.float32)[np.arange(rows) % 2]
    return {"image": random.integers(0, 256, image, dtype=np.uint8), "target": target}


def operations(layer) -> int:
    """Count those of one layer for one image: each kernel once at each place of the output.

    Raises:
        ValueError: it has a kernel that is not known here, so that the count would be short.
    """
    kernels = [weight.shape for weight in layer.weights if len(weight.shape) > 1]
    if kernels and not isinstance(layer, layers.Conv2D | layers.Dense):
        raise ValueError(f"Expected Conv2D and Dense layers. Received: {type(layer).__name__}")
    values = math.prod(layer.output.shape[1:]) if kernels else 0
    return sum(2 * math.prod(shape) * values // shape[-1] for shape in kernels)


def matrix_rate() -> float:
    """Measure operations a second of matrix products, for about half a second."""
    side, many = (4 * SIDE, 20) if hardware.computes_on_gpu() else (SIDE, 1)
    matrix = keras.random.normal((side, side), dtype=limit_dtype())
    done, started = 0, time.perf_counter()
    while done < 2 * many or time.perf_counter() - started < 0.5:
        for _ in range(many):  # a GPU is asked for the next before it has done the last
            product = keras.ops.matmul(matrix, matrix)
        keras.ops.convert_to_numpy(product[0, 0])  # waits for a GPU
        done += many
    return 2 * side**3 * done / (time.perf_counter() - started)


def limit_dtype() -> str:
    """Name the type of those products: a GPU has other units for short ones."""
    return keras.config.dtype_policy().compute_dtype if hardware.computes_on_gpu() else "float32"


def twin(model: keras.Model, batch: int, steps: int) -> float | None:
    """Have PyTorch take so many steps with the same network: seconds; None without PyTorch."""
    if not importlib.util.find_spec("torch"):
        return None
    device = {"device": "cuda" if hardware.computes_on_gpu() else "cpu", "threads": cores()}
    asked = json.dumps({"plan": plan(model), "batch": batch, "steps": steps, **device})
    words, pipes = [sys.executable, "-m", "bench.torch_twin"], {"stdout": subprocess.PIPE}
    return float(subprocess.run(words, check=True, text=True, input=asked, **pipes).stdout)


def plan(model: keras.Model) -> list[dict]:
    """List the model's layers in order, as JSON can hold them.

    Returns:
        For each: `kind` (Keras' name), `config`, `kernel` (its shape), `width` (channels that come
        out), and the numbers of the tensors that go in (`inputs`) and come out (`output`).
    """
    numbers: dict[int, int] = {}
    return [
        {
            "kind": type(layer).__name__,
            "config": layer.get_config(),
            "kernel": list(layer.kernel.shape) if hasattr(layer, "kernel") else [],
            "width": layer.output.shape[-1],
            "inputs": [numbers[id(tensor)] for tensor in keras.tree.flatten(layer.input)],
            "output": numbers.setdefault(id(layer.output), len(numbers)),
        }
        for layer in model.layers
    ]


def used(what: str, cost: int, seconds: np.ndarray, limits: list[float]) -> Line:
    """Compare with the machine's own rate, beside the products before and after each epoch.

    Args:
        cost: operations of an epoch. seconds: of each epoch but the first.
        limits: operations a second, after each epoch.
    """
    beside = np.array([(before + after) / 2 for before, after in itertools.pairwise(limits)])
    share = float(np.median(cost / seconds / beside))
    goal = () if hardware.computes_on_gpu() else (f"{GOAL:.0%}", share >= GOAL)
    ours = f"{cost / np.median(seconds) / 1e9:.0f} GFLOP/s"
    text = f"{np.median(beside) / 1e9:.0f} GFLOP/s: {limit_dtype()} matrix products"
    return Line(f"operations a second, {what}", ours, text, f"{share:.1%} used", *goal)


def beside_twin(task: str, images: int, seconds: np.ndarray, others: list[float | None]) -> Line:
    """Compare images a second with PyTorch's."""
    what, ours = f"images a second, {task}", f"{images / np.median(seconds):.0f}"
    if None in others:
        return Line(what, ours, "no PyTorch: `pip install -r requirements-bench.txt`", "")
    text = f"{images / median(others):.0f}: PyTorch, float32, no augmentation"
    return Line(what, ours, text, f"{np.median(np.array(others) / seconds):.2f} x")
