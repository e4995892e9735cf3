"""A record of forecasts: each written before its run, scored after it, and chained so that no line can be changed
unseen.
"""
