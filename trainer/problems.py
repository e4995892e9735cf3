"""What stops a command because nothing can be determined, whatever was asked how; each message says why and what would help."""


class Undetermined(ValueError):
    """Exit code 3: understood, but these runs, or this record, determine no answer."""
