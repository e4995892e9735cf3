"""The kinds of tables that people keep: each is read as what it says, and what was made from what is said."""

import csv
import time
from pathlib import Path

import numpy as np
import pytest

from trainer.tables.reading import UnreadableRuns, reading
from trainer.tables.runs import Runs, read_runs

SIZES, DATA = np.array([1e7, 2e7, 4e7]), np.array([1e9, 2e9, 4e9])
LOSS = np.array([3.5, 3.25, 3.0])


def runs_of(tmp_path: Path, columns: dict[str, object], *options: str, **said: object) -> Runs:
    """The runs of a table with these columns."""
    path = tmp_path / "runs.csv"
    cells = [[str(cell) for cell in column] for column in columns.values()]  # type: ignore[attr-defined]
    path.write_text("\n".join(map(",".join, [tuple(columns), *zip(*cells, strict=True)])) + "\n")
    return read_runs(path, None, reading(options, **said))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("columns", "missing", "said"),
    [
        ({"params": SIZES, "compute": 6 * SIZES * DATA}, "tokens", "tokens = compute / (6 × params) in every row"),
        ({"tokens": DATA, "compute": 6 * SIZES * DATA}, "params", "params = compute / (6 × tokens) in every row"),
        ({"params": SIZES, "tokens_per_param": DATA / SIZES}, "tokens", "tokens = tokens_per_param × params"),
        ({"params": SIZES, "steps": DATA / 1e6, "batch_tokens": [1e6] * 3}, "tokens", "tokens = steps × batch_tokens"),
        (
            {"params": SIZES, "steps": DATA / 2048 / 512, "batch_size": [512] * 3, "seq_len": [2048] * 3},
            "tokens",
            "tokens = steps × batch_size × seq_len",
        ),
        (
            {
                "params": SIZES,
                "num_iterations": DATA / 524288,
                "total_batch_size": [524288] * 3,
                "block_size": [1024] * 3,
            },
            "tokens",
            "tokens = num_iterations × total_batch_size, which counts tokens: no batch has as many sequences",
        ),
    ],
)
def test_what_follows_is_made_and_said(tmp_path: Path, columns: dict[str, object], missing: str, said: str) -> None:
    """Two of N, D and C give the third; steps, batch and sequence give tokens."""
    runs = runs_of(tmp_path, {**columns, "loss": LOSS})
    np.testing.assert_allclose(runs.columns[missing], {"params": SIZES, "tokens": DATA}[missing], rtol=1e-12)
    np.testing.assert_allclose(runs.columns["compute"], 6 * SIZES * DATA, rtol=1e-12)
    assert said in runs.remarks


def test_scales_of_headers(tmp_path: Path) -> None:
    """A cell that says its own scale is taken by that."""
    runs = runs_of(tmp_path, {"params_M": ["10", "20", "0.04B"], "tokens (B)": [1, 2, 4], "val_loss": LOSS})
    np.testing.assert_allclose(runs.columns["params"], SIZES)
    np.testing.assert_allclose(runs.columns["tokens"], DATA)
    assert runs.remarks == []


def test_bare_small_numbers_are_doubted(tmp_path: Path) -> None:
    """Sizes under 1,000 are read as they stand, aloud; one option says the scale."""
    columns = {"params": [10, 20, 40], "tokens": [1, 2, 4], "loss": LOSS}
    doubted = runs_of(tmp_path, columns).remarks
    assert (
        "params lies between 10 and 40, read as single params: in millions or billions? --as params=params:M says so"
        in doubted
    )
    assert any(sentence.startswith("tokens lies between 1 and 4") for sentence in doubted)
    runs = runs_of(tmp_path, columns, "params=params:M", "tokens=tokens:B")
    np.testing.assert_allclose(runs.columns["params"], SIZES)
    assert runs.remarks == []


def test_a_guess_is_put_right(tmp_path: Path) -> None:
    """`--as` takes another column, or none; a column that is not there is refused with those that are."""
    columns = {"params": SIZES, "tokens": DATA, "loss": LOSS, "val_loss": LOSS - 1, "epochs": [2, 2, 2]}
    assert runs_of(tmp_path, columns, "loss=val_loss", "epochs=").columns["loss"].tolist() == (LOSS - 1).tolist()
    assert "epochs" not in runs_of(tmp_path, columns, "epochs=").columns
    with pytest.raises(UnreadableRuns, match="--as loss=score: expected one of the columns params, tokens, loss"):
        runs_of(tmp_path, columns, "loss=score")
    with pytest.raises(ValueError, match="--as: expected QUANTITY=COLUMN"):
        reading(["size:B"])
    with pytest.raises(ValueError, match="expected params once"):
        reading(["params=a", "params=b"])


def test_a_mixture_is_counted_by_what_is_active(tmp_path: Path) -> None:
    """Compute is 6 × active × tokens; the total size stays beside it."""
    runs = runs_of(tmp_path, {"total_params": 8 * SIZES, "active_params": SIZES, "tokens": DATA, "loss": LOSS})
    assert runs.counts == "active"
    np.testing.assert_allclose(runs.columns["params"], SIZES)
    np.testing.assert_allclose(runs.columns["total_params"], 8 * SIZES)
    np.testing.assert_allclose(runs.columns["compute"], 6 * SIZES * DATA)
    assert runs.remarks == [
        "params is active_params: compute is 6 × the active size × tokens; total_params is kept as total_params"
    ]
    varying = runs_of(tmp_path, {"params": [2, 4, 8] * SIZES, "active_params": SIZES, "tokens": DATA, "loss": LOSS})
    assert any("params is 2 to 8 × active_params" in sentence for sentence in varying.remarks)


def test_sizes_without_embeddings(tmp_path: Path) -> None:
    """All parameters unless asked; the law is told what is counted."""
    columns = {"params": SIZES, "non_embedding_params": SIZES / 2, "tokens": DATA, "loss": LOSS}
    assert runs_of(tmp_path, columns).counts == "total"
    runs = runs_of(tmp_path, columns, counts="non-embedding")
    assert (runs.counts, runs.columns["params"].tolist()) == ("non-embedding", (SIZES / 2).tolist())
    alone = {name: column for name, column in columns.items() if name != "params"}
    assert runs_of(tmp_path, alone).counts == "non-embedding"
    parts = runs_of(tmp_path, {**alone, "embedding_params": SIZES})
    assert (parts.counts, parts.columns["params"].tolist()) == ("total", (1.5 * SIZES).tolist())


def test_repeats(tmp_path: Path) -> None:
    """Unique tokens and epochs, tokens and unique tokens, and tokens with epochs where the compute says which they are."""
    base = {"params": SIZES, "loss": LOSS}
    two = runs_of(tmp_path, {**base, "unique_tokens": DATA, "epochs": [1, 2, 4]})
    assert two.columns["tokens"].tolist() == (DATA * [1, 2, 4]).tolist()
    other = runs_of(tmp_path, {**base, "unique_tokens": DATA, "tokens": DATA * [1, 2, 4]})
    assert other.columns["epochs"].tolist() == [1, 2, 4]
    processed = runs_of(tmp_path, {**base, "tokens": DATA, "epochs": [1, 2, 4], "compute": 6 * SIZES * DATA})
    assert processed.columns["tokens"].tolist() == DATA.tolist()
    assert processed.columns["unique_tokens"].tolist() == (DATA / [1, 2, 4]).tolist()
    assert any("tokens are those processed" in sentence for sentence in processed.remarks)


@pytest.mark.parametrize(
    ("columns", "said", "unit", "nats"),
    [
        ({"bpb": LOSS}, {}, "bits/byte", LOSS),
        ({"bpb": LOSS}, {"bytes_per_token": 4.0}, "nats/token", LOSS * np.log(2) * 4),
        ({"bpb": LOSS, "bytes_per_token": [4, 4, 4]}, {}, "nats/token", LOSS * np.log(2) * 4),
        ({"loss": LOSS}, {"loss_unit": "bpc"}, "bits/character", LOSS),
        ({"loss (bits)": LOSS}, {}, "nats/token", LOSS * np.log(2)),
        ({"val_perplexity": np.exp(LOSS)}, {}, "nats/token", LOSS),
        ({"loss": LOSS, "loss_unit": ["bits/byte"] * 3}, {}, "bits/byte", LOSS),
    ],
)
def test_units_of_the_loss(
    tmp_path: Path, columns: dict[str, object], said: dict[str, object], unit: str, nats: np.ndarray
) -> None:
    """A loss a byte is nats a token only where the length of a token is known; perplexity and bits a token always are."""
    runs = runs_of(tmp_path, {"params": SIZES, "tokens": DATA, **columns}, **said)
    assert runs.loss_unit == unit
    np.testing.assert_allclose(runs.columns["loss"], nats, rtol=1e-12)


def test_a_unit_that_is_none() -> None:
    with pytest.raises(ValueError, match="--loss-unit: expected one of nats/token, bits/token"):
        reading(loss_unit="furlongs")


def test_a_loss_of_a_model_that_knows_nothing_is_doubted(tmp_path: Path) -> None:
    """Above the logarithm of the vocabulary, which a column may say."""
    columns = {"params": SIZES, "tokens": DATA, "loss": 4 * LOSS}
    assert "ln 262,144 = 12.5" in runs_of(tmp_path, columns).remarks[0]
    assert "ln 1,024 = 6.93" in runs_of(tmp_path, {**columns, "loss": 2.5 * LOSS, "vocab_size": [1024] * 3}).remarks[0]
    assert runs_of(tmp_path, {**columns, "loss": 2.5 * LOSS}).remarks == []


@pytest.mark.parametrize(
    ("factor", "told"), [(1.0, ""), (0.5, "compute is 0.5 × 6 × params × tokens"), (1 / 3, "(2ND, the forward pass)")]
)
def test_a_compute_that_is_not_6nd_is_doubted(tmp_path: Path, factor: float, told: str) -> None:
    """With the factor; the budgets are taken as given."""
    runs = runs_of(tmp_path, {"params": SIZES, "tokens": DATA, "compute": factor * 6 * SIZES * DATA, "loss": LOSS})
    np.testing.assert_allclose(runs.columns["compute"], factor * 6 * SIZES * DATA)
    assert (told in runs.remarks[0]) if told else runs.remarks == []


def test_several_losses_that_could_be_meant_are_asked_about(tmp_path: Path) -> None:
    """Held-out losses of data sets: none is chosen unasked; one alone is."""
    columns = {"params": SIZES, "tokens": DATA, "c4_val_loss": LOSS, "pile_val_loss": LOSS}
    with pytest.raises(UnreadableRuns, match="expected one loss, got c4_val_loss, pile_val_loss: --as loss=COLUMN"):
        runs_of(tmp_path, columns)
    del columns["pile_val_loss"]
    assert runs_of(tmp_path, columns).columns["loss"].tolist() == LOSS.tolist()


def test_what_is_not_read_stays_at_hand(tmp_path: Path) -> None:
    """Columns of other things keep their cells, row by row."""
    runs = runs_of(tmp_path, {"params": SIZES, "loss": [3, "NaN", 2], "lr": [1, 2, 3], "note": ["a", "b", "c"]})
    assert (runs.others, runs.lines) == ({"lr": ["1", "3"], "note": ["a", "c"]}, [2, 4])


def test_many_rows_are_read_in_seconds(tmp_path: Path) -> None:
    """A hundred thousand rows take a few times what Python's own reader of CSV and its floats take."""
    rng = np.random.default_rng(1)
    size, ratio = 10 ** rng.uniform(7, 9, 100_000), 10 ** rng.uniform(0.5, 2.3, 100_000)
    path = tmp_path / "many.csv"
    np.savetxt(
        path, np.c_[size, size * ratio, 2 + 400 / size**0.34], "%.6g", ",", header="params,tokens,loss", comments=""
    )
    start = time.process_time()
    with path.open(newline="") as stream:
        plain = [[float(cell) for cell in row] for row in list(csv.reader(stream))[1:]]
    by_hand, start = time.process_time() - start, time.process_time()
    runs = read_runs(path)
    assert len(runs) == len(plain) == 100_000
    assert time.process_time() - start < 40 * by_hand
