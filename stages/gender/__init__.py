"""Photos sorted into classes (gender by default): what is special to the task."""
