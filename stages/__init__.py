"""Stages of the pipeline: one module per stage of dvc.yaml, one folder per task."""

import os

# TensorFlow's start-up notes on every CPU and missing driver would bury our own lines; what goes
# wrong still comes as an exception.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
