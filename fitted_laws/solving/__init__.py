"""What one law says: optima, floors, counts, and how far it is trusted beyond its runs."""
