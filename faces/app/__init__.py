"""Serve the web page: faces in photos, and labels for photos that nobody sorted.

A program, no stage: its packages are in requirements-app.txt. May import predict and below.
"""
