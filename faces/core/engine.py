"""Choose where work is done: in this process, or on the nodes of a cluster.

A node runs the same function of the same code on the same data, so that results are the same bytes.
Whatever depends on more than that travels with the work: environment variables, threads.
"""

import hashlib
import importlib.metadata
import itertools
import pickle
import platform
import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache, partial
from pathlib import Path

from faces.core import nodes, params, threads
from faces.core.errors import UserError
from faces.core.nodes import Wanted

LOCAL = "local"
CHOSEN = {"engine": LOCAL}  # for the rest of the process
CHUNK = 32  # photos that a node takes at once
# Packages whose version may change what is read, computed or written.
PACKAGES = (
    *("numpy", "scipy", "pandas", "pillow", "pillow-heif", "imagehash", "isal"),
    *("opencv-python-headless", "ai-edge-litert", "keras", "tensorflow"),
)
# Of what a processor has, what sums and products may be computed with.
ARITHMETIC = re.compile(r"\b(?:s?sse|avx|amx|fma|f16c|asimd|neon|sve|sme|bf16|i8mm)\w*")


def choose(value: str | None = None) -> None:
    """Take an engine, of params.yaml if none is given, for the rest of this process.

    It stands in no stage's params in dvc.yaml, for no result depends on it.

    Raises:
        UserError: it is a cluster that cannot be used from here.
    """
    CHOSEN["engine"] = value or params.load("engine")["engine"]
    if away():
        cluster()
        nodes.check(CHOSEN["engine"])


def away() -> bool:
    """Whether work goes to a cluster."""
    return CHOSEN["engine"] != LOCAL


def cluster():
    """Import the one module that knows Ray.

    Raises:
        UserError: Ray is not installed.
    """
    try:
        from faces.core import cluster
    except ImportError as error:
        todo = "pip install -c constraints.txt -r requirements-ray.txt, or set engine: local."
        expected = f"the package ray (engine: {CHOSEN['engine']})"
        raise UserError(expected, str(error), todo) from error
    return cluster


def spread(
    function: str, pieces: Iterable[tuple[object, object]], wanted: Wanted
) -> Iterator[tuple[int, object]]:
    """Have the cluster's nodes compute `function(shared, own)` for each piece.

    Args:
        function: by its dotted name: a node imports its own code.
        pieces: `shared` and `own` of each. What is the same object in a row is sent once.

    Yields:
        The number of a piece, from 0, and its result, as they come.

    Raises:
        UserError: a piece raised it, or ends otherwise than with a result.
    """
    sent, last = b"", None

    def packed() -> Iterator[tuple[bytes, bytes]]:
        nonlocal sent, last
        for number, (shared, own) in enumerate(pieces):
            if not number or shared is not last:
                sent, last = pickle.dumps(shared), shared
            yield sent, pickle.dumps(own)

    yield from cluster().spread(CHOSEN["engine"], function, packed(), wanted)


def in_order(
    function: Callable, items: Iterable, what: str, together: int = 1, shared: dict | None = None
) -> Iterator:
    """`threads.in_order(function, items)` on all cores of this machine, or of the cluster.

    Args:
        function: of an item and, by name, of what is in `shared`; a module's own.
        what: items are called, in the plural. together: items that a thread takes at once.
    """
    shared = shared or {}
    if not away():
        return threads.in_order(partial(function, **shared), items, together)
    return _in_chunks(function, items, what, shared)


def _in_chunks(function: Callable, items: Iterable, what: str, shared: dict) -> Iterator:
    source = iter(items)
    chunks = iter(lambda: list(itertools.islice(source, CHUNK)), [])
    name = f"{function.__module__}.{function.__qualname__}"
    common = (name, shared, surroundings())
    here = f"{__name__}.chunk"
    yield from itertools.chain.from_iterable(
        sorted_by_number(spread(here, ((common, c) for c in chunks), Wanted(what)))
    )


def sorted_by_number(results: Iterable[tuple[int, object]]) -> Iterator:
    """Put results into the order of their numbers, which count from 0.

    >>> list(sorted_by_number([(1, "b"), (0, "a"), (2, "c")]))
    ['a', 'b', 'c']
    """
    early, following = {}, 0
    for number, result in results:
        early[number] = result
        while following in early:
            yield early.pop(following)
            following += 1


def chunk(common: tuple[str, dict, dict], items: list) -> list:
    """Compute a function for some items, on a node.

    Raises:
        UserError: the node is not like the machine that asks.
    """
    name, shared, there = common
    refuse_unlike(surroundings(), there)
    module, _, function = name.rpartition(".")
    return [getattr(importlib.import_module(module), function)(item, **shared) for item in items]


@cache
def surroundings() -> dict:
    """What results come from besides data and settings: code, packages, processor."""
    return {"code": code(), "packages": packages(), "processor": processor()}


def refuse_unlike(here: dict, there: dict) -> None:
    """Raise a `UserError` that names in what a node differs from the machine that asks."""
    differing = [name for name in there if here.get(name) != there[name]]
    if differing:
        raise unlike(", ".join(f"other {name}" for name in differing))


def unlike(received: str) -> UserError:
    """The error of a node that would give other bytes."""
    todo = "Have the same commit and packages there, or take it out of the cluster: `ray stop`."
    expected = "a node of the same code, packages and processor as the machine that asks"
    return UserError(expected, f"{platform.node()}, with {received}", todo)


@cache
def code() -> str:
    """A hash of all modules of faces/."""
    digest, root = hashlib.sha256(), Path(__file__).parents[1]
    for path in sorted(root.rglob("*.py")):
        digest.update(path.relative_to(root).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()


@cache
def packages() -> dict[str, str]:
    """The versions of what computes."""
    found = {d.metadata["Name"].lower(): d.version for d in importlib.metadata.distributions()}
    return {name: found[name] for name in PACKAGES if name in found}


def processor() -> list[str]:
    """The kind of processor, and on Linux its instructions for arithmetic."""
    file = Path("/proc/cpuinfo")
    text = file.read_text(encoding="utf-8") if file.is_file() else ""
    line = re.search(r"^(?:flags|Features)\s*:(.*)$", text, re.MULTILINE)
    return [platform.machine(), *sorted(ARITHMETIC.findall(line[1] if line else ""))]
