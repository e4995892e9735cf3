"""The trainer's commands, one a file; each is imported when it is asked for, so that none waits for what another needs."""
