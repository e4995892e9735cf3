"""What laws count: parameters, with the translation, its inverse and its refusals; tokens and steps, as their files say."""

import json
from pathlib import Path

import numpy as np
import pytest

from fitted_laws import Unanswerable, ask, load
from fitted_laws.catalogue import published
from fitted_laws.solving.counts import OMEGA, non_embedding, total


def test_the_translation_is_its_own_inverse() -> None:
    """N_T = N + ω·N^⅓ and back, over nine decades."""
    sizes = np.geomspace(1e6, 1e15, 50)
    assert np.allclose(total(sizes), sizes + OMEGA * sizes ** (1 / 3), rtol=1e-15)
    assert np.allclose(non_embedding(total(sizes)), sizes, rtol=1e-13)


def test_the_same_run_in_either_count() -> None:
    """The optimum in another count is the same run: loss and tokens stay, params and compute are translated."""
    ours = ask("optimal", domain="language", law="besiroglu-2024", compute=1e21, counts="non-embedding")
    spent = total(np.array([ours.params]))[0] * ours.tokens * 6
    theirs = ask("optimal", domain="language", law="besiroglu-2024", compute=spent)
    assert ours.loss == pytest.approx(theirs.loss, rel=1e-12)
    assert ours.tokens == pytest.approx(theirs.tokens, rel=1e-9)
    assert ours.compute == 1e21
    assert 6 * ours.params * ours.tokens == pytest.approx(1e21, rel=1e-9)


def test_a_law_in_its_own_count_is_untouched() -> None:
    """counts= that the law uses anyway changes nothing."""
    plain = ask("optimal", domain="language", law="kaplan-2020", compute=1e21).plain()
    same = ask("optimal", domain="language", law="kaplan-2020", compute=1e21, counts="non-embedding").plain()
    assert {k: v for k, v in same.items() if k != "counts"} == plain


@pytest.mark.parametrize(
    ("question", "inputs", "why"),
    [
        ("loss", {"domain": "image-8x8", "params": 1e9}, "no relation to others is published"),
        ("loss", {"domain": "language", "law": "besiroglu-2024", "params": 1e5, "tokens": 1e9}, "below 1e"),
        ("isoflop", {"domain": "language", "law": "besiroglu-2024", "compute": 1e21}, "not translated for isoflop"),
    ],
)
def test_where_nothing_is_published_it_refuses(question: str, inputs: dict[str, object], why: str) -> None:
    """Outside language, below a million parameters, and for questions without a meaning in two counts."""
    counts = "total" if inputs["domain"] != "language" else "non-embedding"
    with pytest.raises(Unanswerable, match=why):
        ask(question, **inputs, counts=counts)


def test_what_a_law_means_hangs_on_its_file_not_on_its_name(tmp_path: Path) -> None:
    """The same law file under another id gives the same warnings: its tokens are a data set, its steps the least that do."""
    raw = json.loads(next(path for path in published() if path.stem == "kaplan-2020").read_text())
    (tmp_path / "renamed.json").write_text(json.dumps({**raw, "id": "renamed-2020"}))
    renamed = load([tmp_path / "renamed.json"], shipped=False)
    for inputs in ({"tokens": 1e10}, {"params": 1e9, "steps": 1e5}):
        warnings = ask("loss", renamed, domain="language", **inputs).warnings
        assert any("unique_tokens" in text or "S_min" in text for text in warnings)
        assert warnings == ask("loss", domain="language", law="kaplan-2020", **inputs).warnings
