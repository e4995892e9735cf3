"""Forecasts of larger runs: a family of laws about the additive one, with intervals that carry what the form errs."""
