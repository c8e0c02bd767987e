"""Bring the two archives: from a folder, from Kaggle, or drawn. May import the tasks' data."""
