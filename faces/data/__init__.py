"""Read files from elsewhere with care: zip archives, encodings, photos. May import core."""
