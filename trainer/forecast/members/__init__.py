"""The set of laws that a forecast becomes: each possible, and together as far apart as its errors are."""
