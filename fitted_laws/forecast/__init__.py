"""Forecasts frozen with a law: a family of laws about it, and how wide their own back-tests make the interval. Fitting
them is the trainer's.
"""
