"""The distribution that a forecast declares, on ln loss, and proper scores of what came. No file is read here."""

from typing import Any, Literal

import msgspec
import numpy as np
from scipy import stats
from scipy.special import beta


class Predictive(msgspec.Struct, frozen=True, kw_only=True):
    """ln loss = centre + scale × a standard normal or Student's t; `freedom` are the t's degrees, 0 for the normal."""

    family: Literal["normal", "student-t"]
    centre: float
    scale: float
    freedom: float = 0.0

    def quantile(self, share: float) -> float:
        """The loss that a part `share` of such runs stays below."""
        return float(np.exp(self.centre + self.scale * _standard(self).ppf(share)))

    def interval(self, level: float) -> tuple[float, float]:
        """The central interval of the loss."""
        return self.quantile(0.5 - level / 2), self.quantile(0.5 + level / 2)

    def share_below(self, loss: float) -> float:
        """The distribution function at `loss`: even between 0 and 1 over forecasts that are calibrated."""
        return float(_standard(self).cdf(self.off(loss)))

    def off(self, loss: float) -> float:
        """How many scales ln loss came above the centre."""
        return (float(np.log(loss)) - self.centre) / self.scale

    def log_score(self, loss: float) -> float:
        """-ln of the density of ln loss where it came, in nats; lower is better (Gneiting & Raftery 2007, section 4.1)."""
        return float(np.log(self.scale) - _standard(self).logpdf(self.off(loss)))

    def crps(self, loss: float) -> float:
        """The continuous ranked probability score of ln loss; lower is better, and a point forecast's is its absolute
        error.
        """
        off = self.off(loss)
        return self.scale * (_crps_student(off, self.freedom) if self.family == "student-t" else _crps_normal(off))


def of_interval(low: float, high: float, level: float, freedom: float = 0.0) -> Predictive:
    """The distribution whose central interval at `level` is low … high; normal unless `freedom` is given."""
    family: Literal["normal", "student-t"] = "student-t" if freedom else "normal"
    unit = _standard(Predictive(family=family, centre=0.0, scale=1.0, freedom=freedom)).ppf(0.5 + level / 2)
    below, above = np.log([low, high])
    return Predictive(
        family=family, centre=float((below + above) / 2), scale=float((above - below) / 2 / unit), freedom=freedom
    )


def _standard(predictive: Predictive) -> Any:  # SciPy's frozen distributions have no public type
    return stats.t(predictive.freedom) if predictive.family == "student-t" else stats.norm()


def _crps_normal(z: float) -> float:
    """Gneiting & Raftery 2007, eq 21."""
    return float(z * (2 * stats.norm.cdf(z) - 1) + 2 * stats.norm.pdf(z) - 1 / np.sqrt(np.pi))


def _crps_student(z: float, freedom: float) -> float:
    """Jordan, Krüger & Lerch 2019, appendix A.2; finite for more than one degree of freedom."""
    density, below = stats.t.pdf(z, freedom), stats.t.cdf(z, freedom)
    tail = 2 * np.sqrt(freedom) * beta(0.5, freedom - 0.5) / ((freedom - 1) * beta(0.5, freedom / 2) ** 2)
    return float(z * (2 * below - 1) + 2 * density * (freedom + z**2) / (freedom - 1) - tail)
