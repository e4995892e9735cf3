"""The planner: a question as a form, its answer in words, numbers and plots, at an address that holds all of it."""
