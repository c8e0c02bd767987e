"""Faces in photos of any kind: found, framed as the training photos were, and answered."""
