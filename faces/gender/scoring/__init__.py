"""Score predicted classes: figures and pictures. May import drawing and below."""
