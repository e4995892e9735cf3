"""Quantities, their units and names, domains, accelerators, and what can be wrong with an input."""
