"""The report of a fitted law."""
