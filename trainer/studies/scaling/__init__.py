"""Studies of how the loss scales."""
