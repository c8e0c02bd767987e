"""Training, whatever the task: device, reproducibility, batches, fit."""

from stages import backend

# Before any module here imports it: set up as our networks need it, whatever a user set up.
backend.keras()
