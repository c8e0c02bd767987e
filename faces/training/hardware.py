"""Which device computes, in words, and how: threads, precision, the same result each time."""

import os
import time
from pathlib import Path

import keras
import numpy as np

from faces.core import backend as started
from faces.core import files, paths, threads
from faces.core.errors import UserError

REPEATABLE = {"chosen": False}  # for the rest of the process; TensorFlow does not say
IN_ORDER = "--xla_gpu_deterministic_ops=true"
NO_GPU = (
    "Install requirements-gpu.txt and check that `nvidia-smi` shows the GPU, "
    "or set device: auto in params.yaml."
)


def set_up(settings: dict) -> str:
    """`prepare`, from what params.yaml says of it, and load the backend's libraries."""
    names = ("device", "precision", "seed", "deterministic")
    said = prepare(*(settings[name] for name in names))
    keep_compiled(files.repository() / paths.COMPILED)
    return said


def prepare(device: str, precision: str, seed: int, deterministic: bool = True) -> str:
    """Choose device and precision, seed every generator; say in a sentence what was chosen.

    Args:
        device: `auto` (a GPU if there is one), `cpu` or `gpu`.
        precision: `auto` (bfloat16 or float16, mixed with float32, where the device gains from
            it), `float32`, `bfloat16` or `float16`.
        seed: int.
        deterministic: have the same operations give the same bits each time.

    Raises:
        UserError: `gpu` was asked for, and none is seen. Or the clock is not set.
    """
    check_clock()
    if deterministic:
        make_repeatable()
    started.check_device()
    multiply_exactly()
    gpus = visible_gpus()
    if device == "gpu" and not gpus:
        raise UserError("a GPU (device: gpu in params.yaml)", "none that can be used", NO_GPU)
    if device == "cpu":
        hide_gpus()
    use_gpu = bool(gpus) and device != "cpu"
    if precision == "auto":
        precision = fastest(use_gpu)
    keras.config.set_dtype_policy("float32" if precision == "float32" else f"mixed_{precision}")
    seed_everything(seed)
    backend = keras.backend.backend()
    if use_gpu:
        return f"{len(gpus)} GPU ({gpus[0]}), {precision}, {backend}"
    reason = "as params.yaml says" if device == "cpu" else f"{backend} sees no GPU"
    return f"CPU, {threads.cores()} cores ({reason}), {precision}, {backend}"


def check_clock() -> None:
    """Raise a `UserError` before 1980, which no zip file can say; Keras and NumPy write such files.

    Found now: at the end of a training it would be lost.
    """
    year = time.localtime().tm_year
    if year < 1980:
        raise UserError("a clock that is set", f"the year {year}", "Set it, as with `date -s`.")


def visible_gpus() -> list[str]:
    """Names of the GPUs that the Keras backend can use."""
    backend = keras.backend.backend()
    if backend == "tensorflow":
        import tensorflow as tf

        return [gpu.name for gpu in tf.config.list_physical_devices("GPU")]
    if backend == "jax":
        import jax

        return [str(d) for d in jax.devices() if d.platform == "gpu"]
    import torch

    return [torch.cuda.get_device_name(i) for i in range(torch.cuda.device_count())]


def computes_on_gpu() -> bool:
    """Whether the backend puts its arrays on a GPU, as `prepare` left it."""
    backend = keras.backend.backend()
    if backend == "tensorflow":
        import tensorflow as tf

        return bool(tf.config.get_visible_devices("GPU"))
    if backend == "jax":
        import jax

        chosen = jax.config.jax_default_device
        return (chosen.platform if chosen else jax.default_backend()) == "gpu"
    return bool(visible_gpus())


def fastest(use_gpu: bool) -> str:
    """The precision that this device gains from: `bfloat16`, `float16` or `float32`."""
    if use_gpu:
        return fastest_on_gpu(capability())
    return "bfloat16" if multiplies_bfloat16() else "float32"


def fastest_on_gpu(capability: tuple[int, int] | None) -> str:
    """Of a GPU with this compute capability of CUDA's; None for another maker's GPU.

    Only from Ampere on are there units for bfloat16; Volta and Turing, as Kaggle's T4, have them
    for float16, and older ones, as Kaggle's P100, for neither.

    >>> [fastest_on_gpu(pair) for pair in ((6, 0), (7, 5), (9, 0), None)]
    ['float32', 'float16', 'bfloat16', 'bfloat16']
    """
    if capability is None or capability >= (8, 0):
        return "bfloat16"
    return "float16" if capability >= (7, 0) else "float32"


def capability() -> tuple[int, int] | None:
    """CUDA's compute capability of the first GPU; None where there is no such number."""
    backend = keras.backend.backend()
    if backend == "tensorflow":
        import tensorflow as tf

        first = tf.config.list_physical_devices("GPU")[0]
        return tf.config.experimental.get_device_details(first).get("compute_capability")
    if backend == "jax":
        import jax

        said = str(getattr(jax.devices()[0], "compute_capability", ""))
        major, _, minor = said.partition(".")
        return (int(major), int(minor)) if major.isdecimal() and minor.isdecimal() else None
    import torch

    return None if torch.version.hip else torch.cuda.get_device_capability()


def gpu_name() -> str:
    """Which GPU the first one is: `NVIDIA H200`, for example."""
    backend = keras.backend.backend()
    if backend == "tensorflow":
        import tensorflow as tf

        first = tf.config.list_physical_devices("GPU")[0]
        return tf.config.experimental.get_device_details(first).get("device_name", first.name)
    if backend == "jax":
        import jax

        return jax.devices()[0].device_kind
    return visible_gpus()[0]


def multiplies_bfloat16(cpuinfo: Path = Path("/proc/cpuinfo")) -> bool:
    """Whether TensorFlow gains from 16 bits on this CPU: it has instructions for them.

    Others would take longer than in 32 bits. What a CPU has is known on Linux only.
    """
    if keras.backend.backend() != "tensorflow":
        return False
    return not {"avx512_bf16", "amx_bf16"}.isdisjoint(cpu_flags(cpuinfo))


def cpu_flags(cpuinfo: Path = Path("/proc/cpuinfo")) -> list[str]:
    """List what Linux says that the processor has, in its order; nothing on other systems."""
    if not cpuinfo.is_file():
        return []
    text = cpuinfo.read_text(encoding="utf-8")
    # `flags` of Intel's and AMD's, `Features` of Arm's.
    line = text.partition("\nflags")[2] or text.partition("\nFeatures")[2]
    return line.partition("\n")[0].partition(":")[2].split()


def hide_gpus() -> None:
    """Have the backend compute on the CPU. Works only before its first computation."""
    backend = keras.backend.backend()
    if backend == "tensorflow":
        import tensorflow as tf

        tf.config.set_visible_devices([], "GPU")
    elif backend == "jax":
        import jax

        jax.config.update("jax_default_device", jax.devices("cpu")[0])
    elif visible_gpus():
        raise UserError(
            "KERAS_BACKEND=tensorflow or jax with device: cpu",
            "torch, which Keras puts on the GPU",
            "Set CUDA_VISIBLE_DEVICES= (empty) instead.",
        )


def keep_compiled(folder: Path) -> None:
    """Have JAX on a GPU keep in this folder what it compiles, unless it has one already.

    It compiles the same steps anew for each member and each fold, which takes about as long as
    the training itself (docs/gpu.md).
    """
    if keras.backend.backend() != "jax" or not computes_on_gpu():
        return
    import jax

    if not jax.config.jax_compilation_cache_dir:
        jax.config.update("jax_compilation_cache_dir", str(folder))


def seed_everything(seed: int) -> None:
    """Seed Python, NumPy and the backend."""
    keras.utils.set_random_seed(seed)
    np.random.seed(seed)


def make_repeatable() -> None:
    """Have the same operations give the same bits each time: sums in one order, on a GPU too.

    It stays so for the rest of the process, and must come before the first computation. JAX and
    torch do so on a CPU by themselves; torch on a GPU does not.
    """
    backend = keras.backend.backend()
    if backend == "tensorflow":
        import tensorflow as tf

        tf.config.experimental.enable_op_determinism()
    elif backend == "jax":
        flags = os.environ.get("XLA_FLAGS", "")
        if IN_ORDER not in flags:
            os.environ["XLA_FLAGS"] = f"{flags} {IN_ORDER}".strip()
    REPEATABLE["chosen"] = True


def multiply_exactly() -> None:
    """Have products of 32-bit numbers be of 32-bit numbers on a GPU too.

    From Ampere on, TensorFlow and JAX round the factors to 11 bits (TF32) by themselves, torch in
    convolutions: the moved points and the expectation of a heatmap would be off by up to 0.05
    pixels. Products of 16-bit numbers stay as fast as they are.
    """
    backend = keras.backend.backend()
    if backend == "tensorflow":
        import tensorflow as tf

        tf.config.experimental.enable_tensor_float_32_execution(False)
    elif backend == "jax":
        import jax

        jax.config.update("jax_default_matmul_precision", "float32")
    else:
        import torch

        torch.backends.cuda.matmul.allow_tf32 = False
        torch.backends.cudnn.allow_tf32 = False
