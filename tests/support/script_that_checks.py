"""A user's script that type checkers accept and that runs."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fitted_laws import Answer, ask, laws, questions


def named(answer: Answer) -> str:
    return f"{answer['law']}: {answer.headline}"


one = ask("optimal", domain="language", compute="1e21", law="besiroglu-2024", level=0.8)
params: float = one.params
end: float | None = one.params_low
warnings: list[str] = one.warnings
bits: float = 0.0 if one.loss is None else one.loss / 0.6931
sum_of_two: float = ask("loss", domain="language", params=7e9, tokens=np.float32(1.4e12)).loss + bits

many = ask("optimal", domain="language", compute=np.logspace(20, 24, 5))
sizes: NDArray[np.float64] = many.params * 2
mixed = ask("loss", domain="language", params=[1e9, "7B"], tokens="1.4T")
mean: np.float64 = mixed.loss.mean()
series: NDArray[np.float64] = ask("loss", domain="language", params=pd.Series([1e9, 2e9]), tokens=1e12).loss

curve = ask("frontier", domain="language", compute_min=1e20, compute_max=1e24)
budgets: NDArray[np.float64] = curve.compute
first = curve.rows[0]["params"]

every = ask("optimal", domain="language", compute=1e21, law="all").records()
run = ask("plan", domain="language", compute=1e21, accelerator="H100", count=64, mfu="40%")
hours: float = run.hours
print(named(one), named(many), len(every), len(questions()), laws("language"))
