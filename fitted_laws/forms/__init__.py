"""Law forms by the name that law files and `--form` use: each method is the paper's equation, for floats, arrays, or columns of draws."""

from __future__ import annotations

from fitted_laws.forms import conditional, curves, power, precision, recipes, shapes, studies, surfaces, warped
from fitted_laws.forms.base import Form, Values
from fitted_laws.forms.power import PowerGrowth, PowerLaw, PowerLawPlusConstant, ScaledGrowth
from fitted_laws.forms.surfaces import AdditivePowerLaw, LearningCurve, OverfittingLaw, RepeatedData
from fitted_laws.forms.warped import WarpedCurve, WarpedPowerLaw, WarpedRepeats

__all__ = [
    "FORMS",
    "AdditivePowerLaw",
    "Form",
    "LearningCurve",
    "OverfittingLaw",
    "PowerGrowth",
    "PowerLaw",
    "PowerLawPlusConstant",
    "RepeatedData",
    "ScaledGrowth",
    "Values",
    "WarpedCurve",
    "WarpedPowerLaw",
    "WarpedRepeats",
]

FORMS: dict[str, type[Form]] = {
    str(form.__struct_config__.tag): form
    for module in (power, curves, surfaces, conditional, precision, recipes, shapes, studies, warped)
    for form in vars(module).values()
    if isinstance(form, type) and issubclass(form, Form) and form.__module__ == module.__name__
}
"""Every form of these files: a new one is one class."""
