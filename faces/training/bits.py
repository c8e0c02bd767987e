"""Name what the bits of a training come from besides settings, data and code."""

import os
import platform
import re
import sys

import keras
import numpy as np

from faces.core import threads
from faces.training import hardware

# Of what a processor has, what sums and products may be computed with.
ARITHMETIC = re.compile(r"(s?sse|avx|amx|fma|f16c|asimd|neon|sve|sme|bf16|i8mm)")
# Environment variables by which a backend chooses among these, or computes in fewer bits.
CHOOSES = (
    "ATEN_CPU_CAPABILITY",
    "DNNL_DEFAULT_FPMATH_MODE",
    "DNNL_MAX_CPU_ISA",
    "NVIDIA_TF32_OVERRIDE",
    "ONEDNN_DEFAULT_FPMATH_MODE",
    "ONEDNN_MAX_CPU_ISA",
    "TF_ENABLE_ONEDNN_OPTS",
    "TF_SET_ONEDNN_FPMATH_MODE",
    "TF_XLA_FLAGS",
    "XLA_FLAGS",
)


def origin() -> dict:
    """All that this process's results depend on to the bit, after `hardware.prepare`.

    Returns:
        Ready for JSON: versions of Keras, NumPy (which orders the batches) and the backend,
        precision, whether sums are taken in one order, environment variables, and the processor:
        a GPU's name, or the CPU's instructions and the number of threads, among which a sum is
        divided.
    """
    backend = keras.backend.backend()
    return {
        "versions": [keras.__version__, np.__version__, backend, sys.modules[backend].__version__],
        "precision": keras.config.dtype_policy().name,
        "repeatable": hardware.REPEATABLE["chosen"],
        "environment": {name: os.environ[name] for name in CHOOSES if os.environ.get(name)},
        "processor": hardware.gpu_name()
        if hardware.computes_on_gpu()
        else [*instructions(), pool()],
    }


def cpu() -> list:
    """The CPU's instructions, and the number of threads."""
    return [*instructions(), pool()]


def instructions() -> list[str]:
    """The CPU's instructions for arithmetic; its family and model where no list is known."""
    known = sorted(flag for flag in hardware.cpu_flags() if ARITHMETIC.match(flag))
    return known or [platform.machine(), platform.processor()]


def pool() -> int:
    """Threads that one operation of the backend is divided among on the CPU."""
    backend = keras.backend.backend()
    if backend == "torch":
        import torch

        return torch.get_num_threads()
    if backend == "jax":
        return from_environment("PJRT_NPROC", "NPROC") or threads.cores()
    import tensorflow as tf

    chosen = tf.config.threading.get_intra_op_parallelism_threads()
    return chosen or from_environment("TF_NUM_INTRAOP_THREADS") or threads.cores()


def from_environment(*names: str) -> int:
    """The first of these variables that is a number above 0; otherwise 0."""
    values = (os.environ.get(name, "") for name in names)
    return next((int(value) for value in values if value.isdecimal() and int(value)), 0)
