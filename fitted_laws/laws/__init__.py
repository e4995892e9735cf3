"""A law file as it is read and checked: its relations, its draws, its intervals."""
