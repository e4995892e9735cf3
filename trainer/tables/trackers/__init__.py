"""Runs as trackers keep them, made into tables that fits take: one module a tool, loaded only when that tool is asked
for.
"""
