"""The solver of the fit, compiled."""
