"""Train, keep, open and ask networks, whatever the task. May import core and data."""

from faces.core import backend

# Before any module here imports it: set up as our networks need it, whatever a user set up.
backend.keras()
