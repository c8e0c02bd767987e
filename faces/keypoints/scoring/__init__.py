"""Score points: figures, pictures, the submission. May import drawing and below."""
