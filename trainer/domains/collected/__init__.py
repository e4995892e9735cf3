"""Domains of files that were collected."""
