"""Draw the embedded default: faces, written as the same two archives that Kaggle gives.

May import core and keypoints.points.
"""
