"""The questions of `fitted_laws` over HTTP, and nothing else: no mathematics, no coefficients."""
