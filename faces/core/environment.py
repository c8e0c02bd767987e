"""Take out other programs' variables that would change results, before any other import."""

import os

# Each of them changes numbers or ends a run. KERAS_BACKEND, CUDA_VISIBLE_DEVICES, JAX_PLATFORMS,
# XLA_FLAGS and the numbers of threads stay: they say where and how fast, and README names them.
FORGOTTEN = (
    # Keras: a training cut short, another kind of variables.
    *("KERAS_MAX_EPOCHS", "KERAS_MAX_STEPS_PER_EPOCH", "KERAS_NNX_ENABLED", "TF_USE_LEGACY_KERAS"),
    # TensorFlow, oneDNN and cuBLAS: other kernels, fewer bits.
    *("TF_XLA_FLAGS", "TF_ENABLE_ONEDNN_OPTS", "TF_ENABLE_AUTO_MIXED_PRECISION"),
    *("ONEDNN_DEFAULT_FPMATH_MODE", "DNNL_DEFAULT_FPMATH_MODE", "TF_SET_ONEDNN_FPMATH_MODE"),
    *("ONEDNN_MAX_CPU_ISA", "DNNL_MAX_CPU_ISA", "NVIDIA_TF32_OVERRIDE"),
    # JAX: other types, other random numbers, errors where there are none. Points may be NaN.
    *("JAX_ENABLE_X64", "JAX_DEFAULT_DTYPE_BITS", "JAX_DEFAULT_MATMUL_PRECISION"),
    *("JAX_NUMPY_DTYPE_PROMOTION", "JAX_NUMPY_RANK_PROMOTION", "JAX_DEFAULT_PRNG_IMPL"),
    *("JAX_THREEFRY_PARTITIONABLE", "JAX_DEBUG_NANS", "JAX_DEBUG_INFS", "JAX_DISABLE_JIT"),
    # OpenCV: another reader of videos, other kernels.
    *("OPENCV_FFMPEG_CAPTURE_OPTIONS", "OPENCV_VIDEOIO_PRIORITY_LIST", "OPENCV_IPP"),
)
for variable in FORGOTTEN:
    os.environ.pop(variable, None)

# Keras reads keras.json of somebody's other projects from there, and writes one: no more.
os.environ["KERAS_HOME"] = os.devnull
# TensorFlow's start-up notes on every CPU and missing driver would bury our own lines; what goes
# wrong still comes as an exception.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
