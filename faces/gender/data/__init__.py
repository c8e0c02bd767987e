"""Turn an archive of photos into the arrays of a split. May import core and data."""
