"""Keras, started without the pages of notes that its backend prints first."""

import functools
import importlib
import importlib.util
import os
import sys
from types import ModuleType

from faces.core.errors import UserError
from faces.core.quiet import quiet

BACKENDS = ("tensorflow", "jax", "torch")
VARIABLE = "KERAS_BACKEND"


@functools.cache
def keras() -> ModuleType:
    """The module `keras`, whatever the user's settings for it are. Its notes show if it fails.

    Raises:
        UserError: KERAS_BACKEND names none that there is, or it does not start.
    """
    choose()
    name = os.environ[VARIABLE]
    try:
        with quiet():
            module = importlib.import_module("keras")
    except Exception as error:  # of any of the packages that it imports
        install = "pip install -c constraints.txt -r requirements.txt"
        todo = f"Give it more memory, or install it again: {install}"
        received = f"{type(error).__name__}: {error}"
        raise UserError(f"Keras with {name}, which starts", received, todo) from error
    set_up(module)
    return module


def choose() -> None:
    """Have Keras take the backend that KERAS_BACKEND names, TensorFlow without it.

    Raises:
        UserError: Keras has no such backend, or its package is not installed.
    """
    asked = os.environ.get(VARIABLE, "")
    name = asked.strip().lower() or BACKENDS[0]
    expected = f"{VARIABLE} to be {', '.join(BACKENDS[:-1])} or {BACKENDS[-1]}"
    if name not in BACKENDS:
        raise UserError(expected, asked, f"`unset {VARIABLE}` for {BACKENDS[0]}, or set another.")
    if name not in sys.modules and importlib.util.find_spec(name) is None:
        todo = f"Install it, or `unset {VARIABLE}` for {BACKENDS[0]}."
        if name == BACKENDS[0]:
            todo = "Install it: pip install -c constraints.txt -r requirements.txt"
        raise UserError(f"the package {name}, Keras' backend", "no such package", todo)
    os.environ[VARIABLE] = name


def set_up(module: ModuleType) -> None:
    """Keras' own defaults, where somebody has set others: what a network computes hangs on them.

    Whoever imported Keras before us had their keras.json read.
    """
    config = module.config
    config.set_floatx("float32")
    config.set_epsilon(1e-7)
    config.set_image_data_format("channels_last")
    config.set_dtype_policy("float32")


def check_device() -> None:
    """Raise a `UserError` where JAX has nothing to compute on; TensorFlow always has a CPU."""
    if keras().backend.backend() != "jax":
        return
    import jax

    try:
        jax.devices()
    except Exception as error:  # RuntimeError, and others of its plug-ins
        named = os.environ.get("JAX_PLATFORMS")
        todo = f"`unset JAX_PLATFORMS`; it is {named}." if named else f"`unset {VARIABLE}`."
        received = str(error) or type(error).__name__
        raise UserError("a device that JAX can compute on", received, todo) from error
