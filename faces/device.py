"""Say what a training will run on, and why not on a GPU: `python -m faces.device`.

What there is to see is gathered in `look`; what follows from it is said by functions that see
nothing else, so that they can be tried on any machine.
"""

import ctypes.util
import importlib.util
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from faces.core import backend, params, running

KEYS = ("device", "precision", "seed", "deterministic")
HIDES, SMI = "CUDA_VISIBLE_DEVICES", "nvidia-smi"
INSTALL = "pip install -c constraints.txt -r requirements-gpu.txt"
# How to get a package with GPU support, by backend.
PACKAGES = {
    "tensorflow": INSTALL,
    "jax": "pip install -c constraints.txt 'jax[cuda13]'",
    "torch": "pip install torch, in a build with CUDA (its site has a table of them)",
}
LIBRARIES = ("cudart", "cublas", "cudnn")  # what TensorFlow loads from elsewhere


@dataclass(frozen=True)
class Seen:
    """Hold what is known of GPUs on this machine.

    Args:
        backend: Keras', `tensorflow`, `jax` or `torch`.
        usable: names of the GPUs that it can use. wanted: `device` of params.yaml.
        driver: what nvidia-smi lists, a line for each GPU; None if there is no such command.
        trouble: what nvidia-smi says where it fails. hidden: CUDA_VISIBLE_DEVICES, None if unset.
        supported: whether the backend's package can use a GPU at all.
        missing: CUDA libraries that are not there.
    """

    backend: str
    usable: tuple[str, ...]
    wanted: str
    driver: tuple[str, ...] | None
    trouble: str = ""
    hidden: str | None = None
    supported: bool = True
    missing: tuple[str, ...] = ()


def sentences(seen: Seen) -> list[str]:
    """Say what the backend sees, and each reason why it uses no GPU, with what to do about it."""
    gpus = ", ".join(seen.usable)
    listed = ", ".join(seen.driver or ()) or "none"
    said = [
        f"seen     {seen.backend} sees {f'{len(seen.usable)} GPU: {gpus}' if gpus else 'no GPU'}",
        f"driver   {f'its list: {listed}' if seen.driver is not None else 'no NVIDIA driver'}",
    ]
    return said + [f"why      {reason}" for reason in reasons(seen)]


def reasons(seen: Seen) -> list[str]:
    """Why no GPU is used; nothing where one is."""
    if seen.wanted == "cpu":
        return ["params.yaml says device: cpu. Say device: auto to use a GPU."]
    if seen.usable:
        return []
    found = [*of_driver(seen), *of_hiding(seen)]
    return found or [*of_package(seen), *of_libraries(seen)] or [of_nothing_known(seen)]


def of_driver(seen: Seen) -> list[str]:
    """Reasons below Python: no driver, or one that does not answer."""
    if seen.driver is None:
        return [
            f"there is no NVIDIA driver ({SMI} is not there). Without an NVIDIA GPU nothing is "
            "missing; with one, install its driver and start again."
        ]
    if not seen.driver:
        trouble = seen.trouble or "it lists no GPU"
        return [f"{SMI} finds no GPU ({trouble}). Install the driver again, or restart."]
    return []


def of_hiding(seen: Seen) -> list[str]:
    """CUDA_VISIBLE_DEVICES, where it names none of the driver's GPUs."""
    if seen.hidden is None or not hides_all(seen.hidden, len(seen.driver or ())):
        return []
    return [f"{HIDES}={seen.hidden} hides every GPU. `unset {HIDES}`."]


def hides_all(value: str, count: int) -> bool:
    """Whether CUDA sees none of so many GPUs under this value of CUDA_VISIBLE_DEVICES.

    Numbers count up to the first that does not exist; names (`GPU-8932f937`) are believed.

    >>> hides_all("", 2), hides_all("-1", 2), hides_all("2,0", 2), hides_all("1", 2)
    (True, True, True, False)
    """
    first = value.split(",")[0].strip()
    if first.startswith(("GPU-", "MIG-")):
        return False
    return not (first.isdecimal() and (int(first) < count or not count))


def of_package(seen: Seen) -> list[str]:
    """A package that was built without support for GPUs."""
    if seen.supported:
        return []
    return [f"this {seen.backend} is a package without GPU support. {PACKAGES[seen.backend]}"]


def of_libraries(seen: Seen) -> list[str]:
    """A driver, and nothing that would use it."""
    if not seen.missing:
        return []
    return [f"the driver is there, CUDA's {', '.join(seen.missing)} not. {PACKAGES[seen.backend]}"]


def of_nothing_known(seen: Seen) -> str:
    check = f"python -c 'import {seen.backend}'"
    return (
        "driver, package and libraries are there; perhaps the driver is too old for them. "
        f"Compare `{SMI}` with what `TF_CPP_MIN_LOG_LEVEL=0 {check}` says."
    )


def look(wanted: str) -> Seen:
    """Look at what this machine has; Keras and its backend are started for it."""
    name = backend.keras().backend.backend()
    from faces.training import hardware

    driver, trouble = ask_driver()
    return Seen(
        backend=name,
        usable=tuple(hardware.visible_gpus()),
        wanted=wanted,
        driver=driver,
        trouble=trouble,
        hidden=os.environ.get(HIDES),
        supported=is_supported(name),
        missing=missing_libraries() if name == "tensorflow" else (),
    )


def ask_driver() -> tuple[tuple[str, ...] | None, str]:
    """The GPUs that nvidia-smi lists, None without it; and what it says where it fails."""
    if not shutil.which(SMI):
        return None, ""
    try:
        asked = subprocess.run([SMI, "-L"], capture_output=True, text=True, timeout=60)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired) as error:
        return (), str(error)
    lines = [line.partition(" (UUID")[0] for line in asked.stdout.splitlines()]
    if asked.returncode:
        return (), " ".join((asked.stdout + asked.stderr).split())
    return tuple(line for line in lines if line.startswith("GPU")), ""


def is_supported(name: str) -> bool:
    """Whether the backend's package was built for a GPU."""
    if name == "tensorflow":
        import tensorflow as tf

        return tf.test.is_built_with_cuda() or tf.test.is_built_with_rocm()
    if name == "jax":
        return any(importlib.util.find_spec(f"jax_cuda{n}_plugin") for n in (12, 13))
    import torch

    return torch.version.cuda is not None or torch.version.hip is not None


def missing_libraries() -> tuple[str, ...]:
    """CUDA libraries that are neither in the system nor in a package of NVIDIA's."""
    folders = [Path(path) / "nvidia" for path in sys.path if path]
    return tuple(
        name
        for name in LIBRARIES
        if not ctypes.util.find_library(name)
        and not any(next(f.glob(f"*/lib/lib{name}.so*"), None) for f in folders)
    )


def main() -> None:
    settings = params.load(*KEYS)
    # Before a device is chosen: `device: cpu` hides what there is to see.
    print("\n".join(sentences(look(settings["device"]))))
    from faces.training import hardware

    asked = f"device: {settings['device']}, precision: {settings['precision']}"
    said = hardware.prepare(*(settings[key] for key in KEYS))
    print(f"used     {said} (params.yaml: {asked})")


if __name__ == "__main__":
    running.run(main, timed=False, words=False)
