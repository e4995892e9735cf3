"""Which further runs would narrow the interval of a question, for a budget: candidates, and what each is expected to make of it."""
