"""Scaling laws as answers: expected loss, the best size for a budget, tokens for a target. No HTTP, no training: see `service` and `trainer`."""

from fitted_laws.answers import Answer
from fitted_laws.asking import ask
from fitted_laws.catalogue import Laws, load
from fitted_laws.problems import NotFound, NotUnderstood, Problem, Unanswerable

__version__ = "0.1.0"
__all__ = ["Answer", "Laws", "NotFound", "NotUnderstood", "Problem", "Unanswerable", "ask", "load"]
