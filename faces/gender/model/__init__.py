"""Build, train and ask the network for photos. May import training and below."""

from faces import training  # sets Keras up before any module here imports it

__all__ = ["training"]
