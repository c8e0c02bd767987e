"""The web page on this machine: faces in photos, and labels for photos that nobody sorted.

A program, no stage: its packages are in requirements-app.txt, and no stage imports it.
"""
