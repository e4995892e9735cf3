"""The questions: every class of this folder that has a name. A new one is one class in one file here, and nothing else."""

from __future__ import annotations

from fitted_laws.asking.options import OPTIONS, TRANSPORT, Options
from fitted_laws.asking.question import Catalogue, Question
from fitted_laws.questions.registry import QUESTIONS, named, read

__all__ = ["OPTIONS", "QUESTIONS", "TRANSPORT", "Catalogue", "Options", "Question", "named", "read"]
