"""Where faces are in a photo, and how a face is cut out and answered for."""
