"""Training sweeps and fits, offline: runs in, law files out. Serving is in `service`, the mathematics in `fitted_laws`."""
