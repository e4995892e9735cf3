"""Sweeps of small transformers: planned, trained, recorded and fitted."""
