"""Turn Kaggle's archive into the arrays of a split. May import core and data."""
