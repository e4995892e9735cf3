"""From a table of runs to a law file."""
