"""Photos, folders, videos, a camera -> the faces in them. A program: python -m faces.predict."""
