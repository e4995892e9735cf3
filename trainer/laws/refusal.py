"""Why runs make no law."""

from fitted_laws.quantities.problems import Unanswerable


class Unfittable(Unanswerable):
    """These runs determine no law of this form; the message says what would."""
