"""What a layer of each architecture does to its input. Needs torch."""
