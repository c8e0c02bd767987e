"""What `make bench` measures: a module for each row of docs/benchmarks.md, with `measure()`."""
