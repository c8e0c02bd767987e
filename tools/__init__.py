"""What is run beside the pipeline, by `make`."""
