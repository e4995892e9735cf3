"""Domains that are generated, of known entropy."""
