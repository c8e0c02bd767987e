"""Training, whatever the task: device, reproducibility, batches, fit."""
