"""Studies of data that run out."""
