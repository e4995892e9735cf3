"""Runs as trackers and trainers keep them, made into tables that fits take."""
