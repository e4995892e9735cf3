"""Our own sweeps: laws and studies come again from the committed records, without torch, and say what the exact values allow."""

import base64
import hashlib
import math
import re
import shutil
from pathlib import Path

import msgspec
import numpy as np
import pytest

from fitted_laws import ask
from fitted_laws.catalogue import load, published, shipped
from fitted_laws.forms.studies import CeiledInformation, PositionLaw
from fitted_laws.quantities.glossary import IN_SENTENCES
from fitted_laws.quantities.problems import Unanswerable
from fitted_laws.questions.runs.position import SUMMED, powers
from trainer.__main__ import main
from trainer.laws.lawfile import write
from trainer.studies.registry import STUDIES
from trainer.studies.study import RECORDS, last_readings
from trainer.studies.sweep_laws import LAWS, OwnLaw, frozen_path, law_id, law_of_records, sources_of
from trainer.sweep.records import RunRecord, read_records, write_records

PAGE = Path(__file__).parents[3] / "docs" / "reproduction.md"


def numbers_of(tree: object) -> list[float]:
    """Every number of a law file in order, those of its draws among them."""
    if isinstance(tree, dict):
        if set(tree) == {"order", "shape", "data"}:
            return np.frombuffer(base64.b64decode(tree["data"]), "<f4").astype(float).tolist()
        return [x for key in sorted(tree) for x in numbers_of(tree[key])]
    if isinstance(tree, list):
        return [x for item in tree for x in numbers_of(item)]
    return [float(tree)] if isinstance(tree, int | float) else []


@pytest.mark.parametrize("name", LAWS)
def test_laws_come_again_from_their_records(name: str) -> None:
    """To 1e-6 here, wherever that is: on the machine that froze them, to the byte."""
    frozen = msgspec.json.decode(frozen_path(name).read_bytes())
    again = msgspec.json.decode(msgspec.json.encode(law_of_records(name, frozen["data"])))
    for said in ("citation", "title", "where", "setup", "caveats", "preference"):
        assert frozen[said] == again[said]
    for held, made in zip(frozen["relations"], again["relations"], strict=True):
        assert (held["form"], held["role"], held.get("notes")) == (made["form"], made["role"], made.get("notes"))
        np.testing.assert_allclose(list(made["coefficients"].values()), list(held["coefficients"].values()), rtol=1e-6)
        np.testing.assert_allclose(np.median(draws_of(made), axis=0), np.median(draws_of(held), axis=0), rtol=1e-3)


def test_a_law_of_a_cards_runs_is_asked_before_a_cpus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And after every published one. It says which card; records and a line of `LAWS` are all that it takes."""
    records = [
        msgspec.structs.replace(r, machine=msgspec.structs.replace(r.machine, peak_memory=2**30))
        for r in read_records(RECORDS / "language-h100-prototype.jsonl")
    ]
    write_records(records, tmp_path / "language-gpu.jsonl")
    monkeypatch.setattr("trainer.studies.sweep_laws.RECORDS", tmp_path)
    monkeypatch.setitem(LAWS, "language-gpu", OwnLaw("language"))
    made = law_of_records("language-gpu", "English prose; bytes")
    assert made["title"] == "A sweep of our own over language, on a GPU"
    assert "tokens, on NVIDIA H100 80GB HBM3: far below any model in use" in made["caveats"][0]
    write(made, tmp_path / "sweep-2026-language-gpu.json")
    for path in published():
        shutil.copy(path, tmp_path)  # as it would ship: in one folder with the others
    own = [law for law in load([tmp_path], shipped=False) if law.domain.id == "language"]
    order = [law.id for law in own]
    assert order.index("sweep-2026-language-gpu") + 1 == order.index("sweep-2026-crossing")
    assert all(law.first.preference > 0 for law in own if not law.id.startswith("sweep-"))


def test_no_law_ships_without_its_records() -> None:
    """Neither an entry nor a law file: not for sweeps on a card before they were run."""
    laws = {path.stem for path in frozen_path("language").parent.glob("sweep-*.json")}
    assert laws == {law_id(name) for name in LAWS}
    assert all(source.exists() for name in LAWS for source in sources_of(name))


def draws_of(relation: dict) -> np.ndarray:
    kept = relation.get("forecast") or relation["draws"]
    return np.frombuffer(base64.b64decode(kept["data"]), "<f4").reshape(kept["shape"])


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.slow] if name == "heldout" else []) for name in STUDIES]
)  # half a minute, as long as all the others together
def test_studies_come_again(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The page has what the command prints, and the command draws."""
    assert main(["reproduce", name, "-o", str(tmp_path)]) == 0
    told = capsys.readouterr().out
    assert (tmp_path / f"{name}.svg").read_bytes().startswith(b"<?xml")
    says = told.splitlines()[2]
    assert says in PAGE.read_text("utf-8")


def test_unknown_studies_list_the_known(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["reproduce", "marzipan"]) == 2
    assert "captions" in capsys.readouterr().err


def test_records_are_few_and_whole() -> None:
    """Under 30 MB, failed runs among them; each is known by its identity, or an older one by the digest of its configuration as it is written."""
    files = sorted(RECORDS.glob("*.jsonl"))
    assert sum(path.stat().st_size for path in files) < 30e6
    for path in files:
        for line, raw in zip(read_records(path), path.read_bytes().splitlines(), strict=True):
            assert line.config.domain.length * line.config.batch * line.config.reads[-1] >= line.tokens
            if (
                line.config.together
            ):  # the runs of captions are older than seeds that train together, which their identity does not hold
                written = bytes(msgspec.json.decode(raw, type=dict[str, msgspec.Raw])["config"])
                assert line.run in (line.config.id, hashlib.sha256(written).hexdigest()[:16])


def test_captions_approach_the_exact_information_from_below() -> None:
    """Within 5 % at the largest size, and never above, at any size; the law says the same as its study."""
    found = STUDIES["captions"].finding()
    exact = found.numbers["exact_infogain"]
    gains = [row["infogain"] for row in found.rows]
    assert 0.95 * exact < gains[-1] <= exact
    assert gains == sorted(gains)
    asked = {"domain": "captions", "law": "sweep-2026-captions", "params": found.rows[-1]["params"]}
    answer = ask("information_gain", shipped(), **asked).plain()
    assert (
        answer["mutual_information_low"]
        <= found.rows[-1]["mutual_information"]
        <= found.numbers["exact_mutual_information"]
    )


def test_information_of_photographs_is_found_again() -> None:
    """From losses of which it is .5·ln(N/6,000) nats, none below: by both parts, with lamda and Nc, whatever the smallest lack."""
    names = ("text-to-image", "image-to-text")
    records = {name: last_readings(read_records(RECORDS / f"{name}.jsonl")) for name in names}
    assert all(r.parts["text"] > r.least["text"] for side in records.values() for r in side)

    def made(name: str, r: RunRecord) -> RunRecord:
        told = max(0.5 * math.log(r.params / 6000), 0.0)
        lacks = 3.0 * (r.params < 6000)
        parts = (
            {"text": 12.0, "image": 600.0 - told}
            if name == "text-to-image"
            else {"text": 12.0 - told + lacks, "image": 600.0}
        )
        return msgspec.structs.replace(r, loss=2.0, parts=parts)

    found = STUDIES["described"].find({name: [made(name, r) for r in side] for name, side in records.items()})
    assert (found.numbers["lambda"], found.numbers["Nc"]) == (
        pytest.approx(0.5, rel=0.02),
        pytest.approx(6000, rel=0.02),
    )
    largest = max(r.params for r in records["text-to-image"])
    told = 0.5 * math.log(largest / 6000)
    row = found.rows[-1]
    assert (row["information_by_text"], row["information_by_image"], row["infogain"]) == pytest.approx(
        (told, told, told / 12)
    )


def test_information_of_photographs_is_answered() -> None:
    """By the law of the study, in the domain of pictures before captions; what is known is out of reach of its models."""
    found = STUDIES["described"].finding()
    row = found.rows[-1]
    asked = {"domain": "image-to-text-8x8", "params": row["params"], "text_loss": row["text_alone"]}
    answer = ask("information_gain", shipped(), **asked).plain()
    assert answer["law"] == "sweep-2026-described"
    assert answer["mutual_information_low"] <= row["information_by_text"] <= answer["mutual_information_high"]
    assert answer["infogain"] == pytest.approx(answer["mutual_information"] / row["text_alone"])
    assert answer["mutual_information"] < found.numbers["known_information"]


def test_slopes_by_frame_and_of_an_image_are_those_of_the_losses() -> None:
    """Of losses that are powers of the size, another on the first line than on the seven after it."""
    runs = last_readings(read_records(RECORDS / "image-8x8.jsonl"))
    made = [
        msgspec.structs.replace(
            r,
            loss=3 * r.params**-0.2,
            by_place=[4 * r.params**-0.1] * 24 + [r.params**-0.3 * (1 + i / 168) for i in range(168)],
        )
        for r in runs
    ]
    frames = STUDIES["frames"].find({"image-8x8": made})
    assert frames.numbers["image-8x8_slope_of_first"] == pytest.approx(-0.1)
    assert frames.numbers["image-8x8_slope_of_others_less_that_of_first"] == pytest.approx(-0.2)
    assert [row["line"] for row in frames.rows] == [1, 2, 5, 8]
    largest = max(r.params for r in runs)
    assert frames.rows[-1]["loss_of_largest"] == pytest.approx(largest**-0.3 * (1 + np.mean(range(144, 168)) / 168))
    image = STUDIES["encodings"].find({"image-8x8": made}).rows[0]
    assert (image["slope"], image["nats_of_largest"]) == (pytest.approx(-0.2), pytest.approx(192 * 3 * largest**-0.2))


@pytest.mark.parametrize("name", ["image-32x32", "image-vq-32x32", "video-pans"])
def test_long_samples_have_a_loss_each(name: str) -> None:
    """What the largest runs lost is inside the interval of a new run; a sample's loss is that of all its tokens."""
    last = last_readings(read_records(RECORDS / f"{name}.jsonl"))[-1]
    asked = {
        "domain": LAWS[name].domain,
        "law": f"sweep-2026-{name}",
        "params": last.params,
        "tokens": last.tokens,
        "interval": "run",
    }
    answer = ask("loss", shipped(), **asked).plain()
    assert answer["loss_low"] < last.loss < answer["loss_high"]
    assert answer["loss_per_sample"] == pytest.approx(last.config.domain.length * answer["loss"])


def test_information_has_its_ceiling() -> None:
    form = CeiledInformation(I_max=12.0, Nc=1e3, alpha=0.5)
    assert form.value(np.array([1e3, 4e3])) == pytest.approx([11.0, 11.5])


def test_sums_of_powers() -> None:
    """One by one below the cut, by Euler and Maclaurin's formula beyond it, also at power 1."""
    count = np.array([1.0, 50.0, 10_000.0])
    for power in (0.4, 1.0, 1.7):
        expected = [math.fsum(t**-power for t in range(1, int(n) + 1)) for n in count]
        assert count[-1] > SUMMED
        np.testing.assert_allclose(powers(count, np.array([[power]]))[0], expected, rtol=1e-12)


def test_loss_by_position_is_between_its_ends() -> None:
    """U at the first place, the size's limit far away."""
    form = PositionLaw(U=3.0, p=0.5, E=1.0, x0=1e3, alpha=0.5)
    assert form.value(np.array([1.0, 1e12]), np.array([1e3, 1e3])) == pytest.approx([3.0, 2.0], rel=1e-5)


def test_position_and_extrapolation_are_answered() -> None:
    """As the relation says, with where it was fitted; other difficulties and laws without one are refused with what would work."""
    laws = shipped()
    held = next(law for law in laws if law.id == "sweep-2026-language")
    form = held.drawn("position").form
    asked = {"domain": "language", "law": held.id, "params": 5e4, "position": 20, "context": 64}
    answer = ask("position", laws, **asked).plain()
    assert answer["loss"] == pytest.approx(float(form.value(np.array([20.0]), np.array([5e4]))[0, 0]))
    assert 0 < answer["infogain"] < 1
    assert answer["loss_low"] < answer["loss"] < answer["loss_high"]
    given = {"domain": "math", "difficulty": 4, "law": "sweep-2026-math"}
    by_loss = ask("extrapolate", laws, **{**given, "loss": 0.5}).plain()
    low, high = (ask("extrapolate", laws, **{**given, "params": n}).plain() for n in (1e4, 9e4))
    assert low["training_loss"] > high["training_loss"]
    beyond = next(law for law in laws if law.id == "sweep-2026-math").drawn("beyond", "4").relation.coefficients
    assert by_loss["loss"] == pytest.approx(beyond["a"] * 0.5 ** beyond["b"])
    columns = ask("extrapolate", laws, **{**given, "loss": [0.4, 0.5]}).columns["loss"]
    assert np.ravel(columns)[1] == by_loss["loss"]
    with pytest.raises(Unanswerable, match="at difficulty 4, not at 5"):
        ask("extrapolate", laws, **{**given, "difficulty": 5, "loss": 0.5})


STUDIED = [
    (
        "position",
        {"domain": "language", "params": 5e4, "position": 20, "context": 64},
        {"position": 2000, "context": 4000},
        "context",
    ),
    ("position", {"domain": "language", "params": 5e4, "position": 20}, {"params": 1e9}, "params"),
    ("extrapolate", {"domain": "math", "difficulty": 4, "loss": 1.0}, {"loss": 1e-4}, "training_loss"),
    ("information_gain", {"domain": "captions", "params": 2e4}, {"params": 1e9}, "params"),
]


@pytest.mark.parametrize(("question", "inside", "outside", "where"), STUDIED)
def test_studies_say_data_scale_and_range(
    question: str, inside: dict[str, object], outside: dict[str, object], where: str
) -> None:
    """What the runs were trained on and how large they were stands in every answer; one far outside of them says how far, and in what."""
    laws = shipped()
    asked = {**inside, "law": f"sweep-2026-{inside['domain']}"}
    near = ask(question, laws, **asked).plain()
    assert near["extrapolation"] == 0
    assert any("runs of our own, trained on" in sentence for sentence in near["warnings"])
    assert any("parameters of attention and MLP on at most" in sentence for sentence in near["warnings"])
    far = ask(question, laws, **{**asked, **outside}).plain()
    assert far["extrapolation"] > 1
    assert far["extrapolation_in"] == where
    assert any(
        re.search(f"decades beyond the fit, in .*{IN_SENTENCES[where]}", sentence) for sentence in far["warnings"]
    )


def test_shapes_of_our_own_say_where_they_were_read() -> None:
    """Layers × width holds the size, heads are those of the runs, and the rate is theirs; sizes that were not tried are warned of."""
    laws = shipped()
    asked = {"domain": "language", "law": "sweep-2026-language"}
    relation = next(law for law in laws if law.id == asked["law"]).drawn("shape").relation
    low, high = relation.ranges["params"]
    near = ask("shape", laws, **{**asked, "params": (low * high) ** 0.5}).plain()
    assert near["extrapolation"] == 0
    assert 12 * near["layers"] * near["width"] ** 2 == pytest.approx(near["params"], rel=0.1)
    assert near["heads"] == round(near["width"] / relation.coefficients["head_width"])
    runs = [r.config for r in read_records(RECORDS / "aspect.jsonl")]
    rates = [c.learning_rate * c.base_width / c.shape.width for c in runs]
    assert min(rates) * 0.95 < near["learning_rate"] < max(rates) * 1.05
    assert near["batch_tokens"] is None
    assert any(
        f"every run took {runs[0].tokens_per_step:,d} tokens a step" in sentence for sentence in near["warnings"]
    )
    far = ask("shape", laws, **{**asked, "params": 1e9}).plain()
    assert far["extrapolation"] > 3
    assert any(re.search("decades beyond the fit, in .*size", sentence) for sentence in far["warnings"])
    assert ask("shape", laws, domain="language", params=1e9).plain()["law"] == "gemstones-2025"
    assert ask("crossover", laws, domain="language").plain()["law"] == "kaplan-2020"


def test_the_crossing_is_answered_as_its_study_has_it() -> None:
    """By the law of its own, with the interval over the same resamples; what it was read at lies far below."""
    numbers = STUDIES["crossing"].finding().numbers
    answer = ask("crossover", shipped(), domain="language", law="sweep-2026-crossing").plain()
    for name in ("compute", "params", "tokens"):
        assert answer[name] == pytest.approx(numbers[name], rel=1e-6)
        assert (answer[f"{name}_low"], answer[f"{name}_high"]) == pytest.approx(
            (numbers[f"{name}_low"], numbers[f"{name}_high"]), rel=0.05
        )
    assert answer["compute"] == pytest.approx(6 * answer["params"] * answer["tokens"])
    assert answer["extrapolation"] > 1
    assert any(re.search("decades beyond the fit, in .*data", sentence) for sentence in answer["warnings"])
    assert any("runs of our own, trained on" in sentence for sentence in answer["warnings"])
    assert numbers["rms_off_the_hull"] < 0.02
    assert numbers["rms_off_the_data"] < 0.02
