"""Training: images per second, and the share of the machine's arithmetic that they make use of.

Both default networks by the pipeline's own `fit` on made-up rows: feeding, augmentation, forward,
backward, optimizer and moving average, as params.yaml says. *Used* is what forward and backward
compute (`bench/flops.py`: multiplications and additions of convolutions and dense layers, backward
twice forward), over what the same process gets out of matrix products between the epochs: 2048 x
2048 in float32, on a GPU 8192 x 8192 in the precision of the training. PyTorch takes its turn there
too, in a process of its own: the same network and batches, channels_last, AdamW, without
augmentation, moving average and feeding (`bench/torch_twin.py`). Then the parts of a step, each
timed alone; they may overlap in a real step. All else is the rest of it: metrics, callbacks, and
what beginning an epoch takes, by its 100 steps.
"""

import itertools
import statistics
import time

import keras
import numpy as np

from bench import flops, steps
from bench.report import Line
from bench.timing import ROUNDS, interleaved, show
from bench.trained import Clock
from bench.twin import Twin
from stages import params, tasks
from stages.train import KEYS
from stages.training import device
from stages.training.fit import fit

# Steps to an epoch: about as many as the real photos give, since beginning one takes time too.
STEPS, SIDE, GOAL = 100, 2048, 0.8
NO_TWIN = "no PyTorch: `pip install -r requirements-bench.txt`"


def measure(share: float = 1) -> list[Line]:
    lines = []
    for task in tasks.ARCHIVES:
        lines += measure_task(task, max(2, round(share * STEPS)))
    return lines


def measure_task(task: str, count: int) -> list[Line]:
    """The lines of one task, with so many steps to a round."""
    network, settings = tasks.room(task, "network"), settings_of(task)
    said = device.prepare(*(settings[k] for k in ("device", "precision", "seed", "deterministic")))
    arrays, seed = made_up(task, settings, count), settings["seed"]
    model = network.build(settings, arrays["image"].shape[1:], arrays["target"].shape[1])
    whole = network.with_augmentation(model, settings["augment"], seed)
    seconds, limits, others = train(network, whole, arrays, settings, Twin(task, settings, arrays))
    images, cost = len(arrays["image"]), flops.training(model)
    lines = [used(task, images, cost, seconds, limits, said)]
    lines.append(beside_twin(task, images, seconds, others))
    if keras.backend.backend() == "tensorflow":
        loss = network.loss_for(settings)
        ways = steps.split(whole, loss, arrays, settings, settings["lr"])
        lines += parts(task, ways, min(count, 10), statistics.median(seconds) / count)
    return lines


def train(network, whole, arrays: dict, settings: dict, twin: Twin) -> tuple:
    """Seconds of each epoch but the first, operations a second of matrix products after each.

    And the seconds of the twin's turn after each but the first; None without it.
    """
    limits, others = [], []

    def between(_) -> None:
        limits.append(matrix_rate())
        others.append(twin.seconds())

    clock = Clock(between=between)
    clock.watch(whole)
    few = {name: array[:2] for name, array in arrays.items()}
    loss, metric = network.loss_for(settings), network.Metric()
    with twin:
        fit(whole, loss, metric, arrays, few, settings, settings["lr"], settings["seed"])
    return np.diff(clock.ends), limits, others[1:]


def settings_of(task: str) -> dict:
    """What params.yaml says of this training, for a few epochs."""
    settings = params.load(*(key.format(task=task) for key in KEYS), f"{task}.split")
    settings = tasks.room(task, "network").with_preset(settings)
    return {**settings, "epochs": ROUNDS + 1, "patience": 1000}


def made_up(task: str, settings: dict, count: int) -> dict[str, np.ndarray]:
    """Noise in the shapes of the task's rows: what is seen does not change the time."""
    random, rows = np.random.default_rng(0), count * settings["batch_size"]
    if task == "gender":
        side = settings["split"]["size"]
        image, target = (rows, side, side, 3), np.eye(2, dtype=np.float32)[np.arange(rows) % 2]
    else:
        image = (rows, 96, 96, 1)
        target = random.uniform(5, 90, (rows, 19, 2)).astype(np.float32)
    return {"image": random.integers(0, 256, image, dtype=np.uint8), "target": target}


def matrix_rate() -> float:
    """Floating point operations a second of matrix products, for about half a second.

    On a CPU in float32; on a GPU, which has other units for it, in what the networks compute in.
    """
    side, many = (4 * SIDE, 20) if device.computes_on_gpu() else (SIDE, 1)
    matrix = keras.random.normal((side, side), dtype=limit_dtype())
    done, started = 0, time.perf_counter()
    while done < 2 * many or time.perf_counter() - started < 0.5:
        for _ in range(many):  # a GPU is asked for the next before it has done the last
            product = keras.ops.matmul(matrix, matrix)
        keras.ops.convert_to_numpy(product[0, 0])  # waits for a GPU
        done += many
    return 2 * side**3 * done / (time.perf_counter() - started)


def limit_dtype() -> str:
    """Of the matrix products that a training is measured beside."""
    gpu = device.computes_on_gpu()
    return keras.config.dtype_policy().compute_dtype if gpu else "float32"


def used(task: str, images: int, cost: int, seconds, limits: list, said: str) -> Line:
    """The share of the machine's own rate, beside the products before and after each epoch.

    Args:
        images: in an epoch. cost: operations for one of them. seconds: of each epoch but the first.
        limits: operations a second, after each epoch.
    """
    beside = [(before + after) / 2 for before, after in itertools.pairwise(limits)]
    shares = [cost * images / s / limit for s, limit in zip(seconds, beside, strict=True)]
    rate, share = cost * images / statistics.median(seconds), statistics.median(shares)
    return Line(
        f"{task}: operations a second in training, {cost / 3e9:.3f} GFLOP forward; {said}",
        f"{rate / 1e9:.0f} GFLOP/s",
        f"{statistics.median(beside) / 1e9:.0f} GFLOP/s: {limit_dtype()} matrix products",
        f"{share:.0%} used" if share > 0.1 else f"{share:.1%} used",
        *(() if device.computes_on_gpu() else (f"{GOAL:.0%}", bool(share >= GOAL))),
    )


def beside_twin(task: str, images: int, seconds, others: list) -> Line:
    """Images a second, beside PyTorch's."""
    what, ours = f"{task}: images a second", f"{images / statistics.median(seconds):.0f}"
    if None in others:
        return Line(what, ours, NO_TWIN, "")
    more = statistics.median(other / own for own, other in zip(seconds, others, strict=True))
    text = f"{images / statistics.median(others):.0f}: PyTorch, float32, no augmentation"
    return Line(what, ours, text, f"{more:.2f} x")


def parts(task: str, ways: dict, count: int, step: float) -> list[Line]:
    """A line for each part of a step, beside the step.

    Args:
        ways: from `steps.split`. count: how often to do each in a round. step: seconds.
    """

    def often(way):
        return lambda: [way() for _ in range(count)]

    times = interleaved({name: often(way) for name, way in ways.items()})
    each = {name: found.median / count for name, found in times.items()}
    rounds = zip(times["both"].wall, times["forward"].wall, strict=True)
    each["backward"] = statistics.median(both - forward for both, forward in rounds) / count
    each["all else"] = max(0, step - sum(each.values()))
    whole = f"{show(step)}: the whole step"
    return [
        Line(f"{task}, of a step: {name}", show(each[name]), whole, f"{each[name] / step:.0%}")
        for name in (*steps.PARTS, "all else")
    ]
