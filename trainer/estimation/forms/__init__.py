"""The law forms as they are fitted: coordinates, bounds, starts and derivatives."""
