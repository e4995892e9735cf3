"""A law of losses that are no nats a token: its answers say their unit, and nothing is made of them that needs nats."""

from pathlib import Path

import msgspec
import pytest
import synthetic

from fitted_laws import ask, load
from fitted_laws.answers.terminal import as_table
from fitted_laws.laws.laws import Laws
from trainer.__main__ import main


@pytest.fixture
def law(tmp_path: Path) -> Laws:
    """The law of a table whose losses are in bits a byte."""
    path = synthetic.write_csv(tmp_path / "runs.csv", synthetic.surface(20))
    path.write_text(path.read_text().replace("loss", "val_bpb"))
    assert main(["fit", str(path), "-o", str(tmp_path / "law.json"), "--domain", "language", "--bootstrap", "20"]) == 0
    return load([tmp_path / "law.json"], shipped=False)


def test_answers_say_the_unit(law: Laws, tmp_path: Path) -> None:
    """Kept in the file, said in each answer and at a terminal; bits a token and perplexity are not there."""
    assert msgspec.json.decode((tmp_path / "law.json").read_bytes())["loss_unit"] == "bits/byte"
    answer = ask("optimal", law, domain="language", compute=1e20)
    assert answer["loss_unit"] == "bits/byte"
    assert not {"loss_bits", "perplexity"} & {*answer}
    assert any(sentence.endswith("are in bits/byte, not in nats/token") for sentence in answer["warnings"])
    shown = as_table(answer)
    assert "bits/byte" in shown
    assert "nats/token" not in shown.split("!")[0].replace("not in nats/token", "")


def test_the_page_of_a_fit_says_the_unit(law: Laws, tmp_path: Path) -> None:
    """On every axis: a loss a byte is nowhere called one a token."""
    assert next(iter(law)).loss_unit == "bits/byte"
    assert main(["report", str(tmp_path / "law.json"), "-o", str(tmp_path / "page.html")]) == 0
    page = (tmp_path / "page.html").read_text()
    assert "loss (bits/byte)" in page
    assert "(nats/token)" not in page
