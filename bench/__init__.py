"""Measure what the project promises. May import everything in `faces`; nothing imports it."""
