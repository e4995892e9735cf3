"""Plots of laws, as SVG."""
