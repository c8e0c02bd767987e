"""Ray: the one module that knows it. Imported only where `engine` names a cluster.

Its nodes are started by hand, in the repository's folder of each machine (docs/cluster.md).
"""

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # before the import: nobody is told
os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "error")
import ray
from ray import exceptions

from faces.core.errors import UserError
from faces.core.nodes import Wanted, check
from faces.core.quiet import quiet

EVERY = 30  # seconds between two lines of what is waited for
TRIES = 3  # of a piece that ends its process while the node lives on
DEAD = (exceptions.NodeDiedError, exceptions.ObjectLostError)
CRASHED = (exceptions.WorkerCrashedError, exceptions.OutOfMemoryError)


@contextmanager
def connected(address: str) -> Iterator[None]:
    """Be the cluster's driver inside the block."""
    check(address)
    ray._private.worker._worker_logs_enabled = False  # pages of notes about each dead node
    failed = None
    with quiet():
        try:
            ray.init(address, log_to_driver=False, logging_level="error")
        except Exception as error:  # RuntimeError, ConnectionError, and others of gRPC
            failed = error
    if failed:
        todo = f"On this machine: ray start --address={address} --num-cpus=0 (docs/cluster.md)."
        expected = f"a Ray cluster at {address}, this machine a node of it, and its token"
        raise UserError(expected, f"{type(failed).__name__}: {failed}", todo) from failed
    try:
        yield
    finally:
        ray.shutdown()


def spread(
    address: str, function: str, pieces: Iterable[tuple[bytes, bytes]], wanted: Wanted
) -> Iterator[tuple[int, object]]:
    """Do what `engine.spread` says; a piece whose node or process dies is sent out again."""
    with connected(address):
        crowd, put = Crowd(function, wanted), (None, None)
        for number, (shared, own) in enumerate(pieces):
            while crowd.full():
                yield from crowd.back()
            put = put if shared is put[0] else (shared, ray.put(shared))
            crowd.send(number, put[1], own)
        while crowd.begun:
            yield from crowd.back()


def task_of(function: str) -> Callable:
    """Make what a node runs: its own code, by name, whatever lies where the driver's does."""

    def task(shared: bytes, own: bytes) -> tuple[bool, object]:  # nested, so that it travels whole
        import importlib
        import pickle
        import socket
        import sys
        from pathlib import Path

        here = str(Path.cwd())
        if sys.path[0] != here:
            sys.path.insert(0, here)
        module, _, name = function.rpartition(".")
        try:
            there = importlib.import_module(module)
            return True, getattr(there, name)(pickle.loads(shared), pickle.loads(own))  # noqa: S301
        except Exception as error:
            if "UserError" in [kind.__name__ for kind in type(error).__mro__]:
                return False, error
            return False, f"{type(error).__name__} on {socket.gethostname()}, {here}: {error}"

    return task


class Crowd:
    """Pieces that are on the nodes.

    Attributes:
        begun: number, shared part, own part and tries of each, by what Ray knows it by.
    """

    def __init__(self, function: str, wanted: Wanted):
        self.wanted, self.begun = wanted, {}
        # A thread more than a node has cores computes the same, only later.
        self.size = min(wanted.threads, int(max(cpus(), default=0)) or wanted.threads)
        options = {"num_cpus": self.size, "num_gpus": wanted.gpus, "max_retries": 0}
        options |= {"max_calls": 1} if wanted.fresh else {}
        options |= {"runtime_env": {"env_vars": wanted.environment}} if wanted.environment else {}
        self.task = ray.remote(**options)(task_of(function))

    def full(self) -> bool:
        """Whether the nodes have all that they can do, and as much again waits."""
        return len(self.begun) > 2 * sum(cpus()) / self.size

    def send(self, number: int, shared: ray.ObjectRef, own: bytes, tries: int = 1) -> None:
        """Hand a piece to whichever node is free first."""
        self.begun[self.task.remote(shared, own)] = (number, shared, own, tries)

    def back(self) -> Iterator[tuple[int, object]]:
        """Yield what came back within EVERY seconds; without any, say what is waited for."""
        done, _ = ray.wait(list(self.begun), timeout=EVERY)
        if not done:
            print(self.waiting(), flush=True)
        for reference in done:
            number, shared, own, tries = self.begun.pop(reference)
            try:
                fine, result = ray.get(reference)
            except (*DEAD, *CRASHED) as error:
                crashed = isinstance(error, CRASHED)
                if crashed and tries == TRIES:
                    raise self.failed(f"one whose process died {TRIES} times: {error}") from error
                who = "a process on a node" if crashed else "a node"
                print(f"{who} died: one of the {self.wanted.what} begins again", flush=True)
                self.send(number, shared, own, tries + crashed)
                continue
            except exceptions.RayError as error:
                raise self.failed(str(error)) from error
            if not fine:
                raise result if isinstance(result, UserError) else self.failed(result)
            yield number, result

    def waiting(self) -> str:
        """Say what is waited for, in a line."""
        nodes, free = cpus(), ray.available_resources().get("CPU", 0)
        said = f"waiting for {len(self.begun)} {self.wanted.what} of {self.size} CPUs each: "
        if max(nodes, default=0) < self.size:
            return f"{said}no node has so many; start one, or press Ctrl-C: what is done is kept"
        return f"{said}{len(nodes)} nodes, {free:g} of {sum(nodes):g} CPUs free"

    def failed(self, received: str) -> UserError:
        """The error of a piece that has no result."""
        todo = "Have the nodes started in the repository's folder, with enough memory."
        return UserError(f"{self.wanted.what} that end with a result", received, todo)


def cpus() -> list[float]:
    """The processor cores of each node that works."""
    return [n["Resources"]["CPU"] for n in ray.nodes() if n["Alive"] and "CPU" in n["Resources"]]
