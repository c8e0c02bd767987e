"""Run beside the pipeline, by `make`: comparisons of runs, a Chromium, the README's picture."""
