"""The numerical engine of the fit: runs to the exact robust optimum of a law form, and draws of its coefficients."""
