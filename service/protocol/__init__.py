"""Requests and replies: messages, problems, conditions and headers."""
