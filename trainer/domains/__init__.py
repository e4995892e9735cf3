"""Domains by name, of known entropy and of files: each is one struct in one file, read from a sweep's TOML by its
`name`.
"""
