"""Questions about runs: the loss of one, and how it compares."""
