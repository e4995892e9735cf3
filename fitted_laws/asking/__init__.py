"""A question's inputs and options, and the way from a question to its answer."""
