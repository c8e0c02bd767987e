"""Have networks trained on a cluster before a stage's own loop, which then finds them finished."""

import itertools
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import keras
import numpy as np

from faces.core import engine, files
from faces.training import bits, checkpoints, hardware

NODE = "faces.training.node.train"
# By which the backends and NumPy are told how many threads share an operation's sums.
THREADS = ("TF_NUM_INTRAOP_THREADS", "PJRT_NPROC", "NPROC", "OMP_NUM_THREADS")


@dataclass(frozen=True)
class Training:
    """A network that is to be trained.

    Attributes:
        network: module of a task. settings: of the training. data: from `sent`. seed: int.
        path: the file that is left of it, named by all that it depends on.
        member: whether that is a finished member, or the last checkpoint.
    """

    network: ModuleType
    settings: dict
    data: tuple[dict, dict | None]
    seed: int
    path: Path
    member: bool = True


def sent(train: dict, validation: dict | None) -> tuple[dict, dict | None]:
    """Give the rows as they travel: plain arrays, also where they are mapped from a file."""
    sides = [
        side and {name: np.asarray(a) for name, a in side.items()} for side in (train, validation)
    ]
    return tuple(sides)


def train_missing(trainings: Iterable[Training]) -> None:
    """Have a cluster train those whose file is missing, and put the files where they belong.

    With `engine: local` nothing is looked at.

    Raises:
        UserError: a training raised it, or a node is not like this machine.
    """
    if not engine.away():
        return
    missing = without_files(trainings)
    first = next(missing, None)
    if first is None:
        return
    given: list[tuple[Path, bool]] = []  # not their rows, which may be many

    def pieces() -> Iterator[tuple[tuple, dict]]:
        for training in itertools.chain([first], missing):
            given.append((training.path, training.member))
            yield training.data, described(training)

    print(f"trainings go to the cluster at {engine.CHOSEN['engine']}", flush=True)
    for count, (number, content) in enumerate(engine.spread(NODE, pieces(), wanted()), 1):
        path, member = given[number]
        with files.replacing(path, f".{os.getpid()}") as unfinished:
            unfinished.write_bytes(content)
        if member:
            checkpoints.remove(path.with_suffix(".begun.npz"))
        print(f"{count} of {len(given)} trainings came back: {path}", flush=True)


def without_files(trainings: Iterable[Training]) -> Iterator[Training]:
    """Those whose file is not there, each once."""
    known = set()
    for training in trainings:
        if training.path not in known and not training.path.is_file():
            known.add(training.path)
            yield training


def described(training: Training) -> dict:
    """A training in plain values, so that a node of another commit can read and refuse it."""
    return {
        "network": training.network.__name__,
        "settings": training.settings,
        "seed": training.seed,
        "member": training.member,
        "name": training.path.stem,
        "origin": origin(),
        "device": "gpu" if hardware.computes_on_gpu() else "cpu",
        "precision": keras.config.dtype_policy().name.removeprefix("mixed_"),
        "deterministic": hardware.REPEATABLE["chosen"],
    }


def origin() -> dict:
    """What is compared to say why a node was refused."""
    return {"code": engine.code(), "packages": engine.packages(), **bits.origin()}


def wanted() -> engine.Wanted:
    """What a training needs of a node, to give the bits that it would give here."""
    threads, gpu = bits.pool(), hardware.computes_on_gpu()
    names = [name for name in bits.CHOOSES if os.environ.get(name)]
    return engine.Wanted(
        "trainings",
        threads=1 if gpu else threads,
        gpus=int(gpu),
        fresh=True,
        environment={
            "KERAS_BACKEND": keras.backend.backend(),
            **{name: os.environ[name] for name in names},
            **{name: str(threads) for name in THREADS},
        },
    )
