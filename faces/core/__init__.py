"""Give every package errors, files, paths, params, tasks, all cores. Imports no other package."""
