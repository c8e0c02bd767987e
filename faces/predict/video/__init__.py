"""Videos: their frames with the moments of these, and videos of the answers."""
