"""The planner as it is sent: answer, numbers and plots in the first document, small, from here alone, and a plain form where there are no scripts."""

import html
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

import service
from fitted_laws import ask
from fitted_laws.asking.inputs import inputs_of
from fitted_laws.quantities.hardware import ACCELERATORS
from fitted_laws.quantities.landmarks import LANDMARKS
from fitted_laws.questions.registry import QUESTIONS
from service.pages.assets import PAGE, files
from service.pages.planner import starts
from service.pages.planner.ways import ORDERED, ROWS, SAMPLED, way_of

EDGE = {"video-vq-8x8x8", "image-to-text-8x8"}
"""Domains whose law finds the optimum of no budget inside all of its own fitted ranges."""
SCRIPTS = [PAGE / name for name in files() if name.endswith(".js")]
BUDGET = "/?domain=language&compute=5.76e23"


class Form(HTMLParser):
    """What a page's form would send, what it loads, and its numbers by title."""

    def __init__(self, text) -> None:
        super().__init__()
        self.action, self.sent, self.loaded, self.inline, self.choices = None, {}, [], [], {}
        self._select, self._inside = None, False
        self.feed(text)

    def handle_starttag(self, tag, attributes) -> None:
        given = dict(attributes)
        if "style" in given or any(name.startswith("on") for name in given):
            self.inline.append(tag)
        if tag in ("script", "link", "img"):
            self.loaded.append((tag, given.get("rel", ""), given.get("src") or given.get("href")))
        if tag == "form":
            self.action, self._inside = given["action"], True
        elif tag == "select" and self._inside:
            self._select = given["name"]
        elif tag == "option" and self._select:
            self.choices.setdefault(self._select, []).append(given["value"])
            if "selected" in given:
                self.sent[self._select] = given["value"]
        elif tag == "input" and self._inside and given.get("name"):
            self.sent[given["name"]] = given["value"]

    def handle_endtag(self, tag) -> None:
        if tag == "form":
            self._inside = False
        elif tag == "select":
            self._select = None


def figures(text: str) -> dict[str, float]:
    """The exact large numbers of a page, by their titles."""
    found = re.findall(r'<dt>([^<]+)</dt><dd class="big"><button[^>]*data-copies="([^"]+)"', text)
    return {html.unescape(title): float(value) for title, value in found}


def tips(text: str, plot: str) -> list[str]:
    """What is told at the places of a plot."""
    section = text.partition(f'id="{plot}-plot"')[2]
    return [place[2] for place in json.loads(html.unescape(re.search(r"data-tips='([^']*)'", section)[1]))]


def spots(text: str, plot: str) -> list[tuple[float, float]]:
    """Where the dots of a plot stand, in its own units."""
    section = text.partition(f'id="{plot}-plot"')[2].partition("</svg>")[0]
    return [
        (float(x), float(y)) for x, y in re.findall(r'<circle class="dot[^"]*" cx="([\d.]+)" cy="([\d.]+)"', section)
    ]


def test_the_answer_stands_in_the_first_document(client) -> None:
    answer = ask("optimal", domain="language", compute=5.76e23)
    text = client.get(BUDGET).text
    assert figures(text) == {
        "Model size": answer.params,
        "Training data": answer.tokens,
        "Expected loss": answer.loss,
        "Tokens a parameter": answer.tokens_per_param,
    }
    assert text.count("<svg") == 4
    for fact in (*answer.warnings, answer.citation):
        assert html.escape(fact[1:]) in text


def test_it_is_small_and_needs_two_requests(client) -> None:
    """A document and a style sheet before the first paint; all that it loads with them stays within 250 KiB, also comparing every law."""
    for address in ("/", "/?law=all", "/?ask=plan", BUDGET):
        text = client.get(address).text
        loaded = Form(text).loaded
        blocking = [each for each in loaded if each[1] == "stylesheet"]
        assert len(blocking) == 1
        own = {each for _, _, each in loaded if each != "data:,"}
        assert sum(len(client.get(each).content) for each in own) + len(text.encode()) < 250 * 1024, address


def test_modules_are_preloaded(client) -> None:
    """Every module that the page's script imports, at once."""
    loaded = Form(client.get("/").text).loaded
    preloaded = {each for _, rel, each in loaded if rel == "modulepreload"}
    assert preloaded == {f"/page/{path.name}" for path in SCRIPTS if path.name != "fitting.js"}  # that of another page
    assert [tag for tag, _, _ in loaded if tag == "script"] == ["script"]


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_nothing_comes_from_elsewhere(path) -> None:
    """No address of another host, imports from beside, and nothing that a strict policy forbids."""
    text = path.read_text()
    bare = re.sub(r"(?m)(^|\s)// .*$", "", text).replace('"//www.w3.org', "").replace(r"https?:\/\/", "")
    assert "//" not in bare
    assert not re.search(
        r"@import|url\(|innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function|setAttribute\(.style",
        text,
    )
    imported = re.findall(r'(?m)^import .* from "([^"]+)"', text)
    assert all((PAGE / name).is_file() and name.startswith("./") for name in imported)


def test_nothing_stands_inline(client) -> None:
    """The policy allows no styles and no scripts in the document."""
    assert Form(client.get(BUDGET).text).inline == []
    assert "<style" not in client.get(BUDGET).text
    policy = client.get("/").headers.get("content-security-policy", "script-src 'self'")
    assert "unsafe" not in policy


def test_without_scripts_it_is_a_form(client) -> None:
    """What it would send gives the same answer again, by itself."""
    form = Form(client.get(BUDGET).text)
    sent = client.get(form.action, params=form.sent)
    assert figures(sent.text) == figures(client.get(BUDGET).text)


@pytest.mark.parametrize("way", ORDERED, ids=lambda way: way.question)
def test_a_form_opens_inside_the_fit(client, way) -> None:
    text = client.get(f"/?ask={way.question}").text
    assert 'class="numbers inside"' in text
    assert 'class="refused"' not in text


def test_every_question_has_a_form(client, laws) -> None:
    """Made from the registry; where no law of the catalogue answers it says so."""
    for name, question in QUESTIONS.items():
        text = client.get(f"/?ask={name}").text
        form = Form(text)
        assert set(inputs_of(question)) - {"further"} >= set(way_of(name).inputs)
        assert set(way_of(name).inputs) - SAMPLED <= set(form.sent) | set(form.choices)
        assert ('class="refused"' in text) == (not starts.offered(laws, name)), name


def test_a_target_a_sample_stands_where_the_domain_has_samples(client) -> None:
    """An image's KL is asked beside a token's, and answered; text has no samples."""
    assert "kl_per_sample" not in Form(client.get("/?ask=target&domain=language").text).sent
    text = client.get("/?ask=target&domain=image-32x32&kl_per_sample=350").text
    assert Form(text).sent["kl_per_sample"] == "350"
    assert 'class="numbers' in text


@pytest.mark.parametrize(("ask", "across"), [("frontier", "Training compute"), ("isoflop", "Model size")])
def test_a_curve_says_between_which_ends_it_lies_and_begins_with_what_it_lies_along(client, laws, ask, across) -> None:
    text = client.get(f"/?ask={ask}").text
    rows = client.get(f"/v1/{ask}", params={"domain": "language", **starts.start(laws, ask, "language")}).json()["rows"]
    assert f"{len(rows)} points: {across[0].lower()}{across[1:]} from" in text
    assert re.search(rf"<thead><tr><th scope=.col.>{across}</th>", text)
    assert "preferred: besiroglu-2024" in text


@pytest.mark.parametrize("ask", ["quantise", "information_gain", "extrapolate"])
def test_nothing_is_drawn_that_does_not_change_or_is_drawn_against_itself(client, ask) -> None:
    titles = re.findall(r'-title">([^<]+ against [^<]+)</h2>', client.get(f"/?ask={ask}").text)
    assert all(up.lower() != across.lower() for up, across in (title.split(" against ") for title in titles))


def test_a_budget_opens_inside_in_every_domain(client, laws) -> None:
    for domain in starts.offered(laws, "optimal"):
        text = client.get(f"/?domain={domain}").text
        assert ('class="numbers inside"' in text) or domain in EDGE, domain


@pytest.mark.parametrize(
    "address", ["/?law=all", "/?with=all", "/?with=kaplan-2020,hoffmann-2022", "/?law=kaplan-2020,llama3-2024"]
)
def test_comparing_works_from_a_link(client, address) -> None:
    text = client.get(address).text
    table = text.partition('id="laws"')[2].partition("</table>")[0]
    assert "kaplan-2020" in table
    assert 'class="refused"' not in text


def test_losses_share_an_axis_only_where_they_compare(client) -> None:
    """Kaplan's losses are of other data than Besiroglu's: its sizes are drawn, its losses are not."""
    text = client.get("/?domain=language&compute=1e21&with=kaplan-2020,hoffmann-2022").text
    assert not any(tip.startswith("kaplan-2020") for tip in tips(text, "loss"))
    assert any(tip.startswith("kaplan-2020") for tip in tips(text, "params"))
    assert "Not drawn, since their losses are of other data" in text


def test_what_was_asked_is_on_every_plot(client) -> None:
    """A model of 7B at a loss of 2.05 lies off the optimal curve, at the compute that it takes."""
    answer = ask("target", domain="language", loss=2.05, params=7e9)
    text = client.get("/?ask=target&domain=language&loss=2.05&params=7B").text
    told = {
        plot: [tip for tip in tips(text, plot) if tip.startswith(("1.6", "7"))]
        for plot in ("loss", "params", "tokens", "isoflop")
    }
    assert answer.compute == pytest.approx(1.67e23, rel=0.01)
    assert any(tip.startswith("1.674 × 10²³ FLOP\n2.05 loss") for tip in told["loss"])
    assert any("\n7 B params" in tip for tip in told["params"])
    assert any(tip.startswith("7 B params\n2.05 loss") for tip in told["isoflop"])
    assert all(len(spots(text, plot)) == 1 for plot in told)


@pytest.mark.parametrize(
    ("address", "plots"),
    [
        (
            "/?ask=repeat&domain=language&params=1e9&unique_tokens=1e10&epochs=8",
            ("loss-epochs", "loss", "params", "tokens", "isoflop"),
        ),
        ("/?ask=target&domain=language&loss=2.3&probability=0.9", ("loss", "params", "tokens", "isoflop")),
        (
            "/?ask=diagnose&domain=language&params=7e9&tokens=1e12&observed_loss=2.1",
            ("loss", "params", "tokens", "isoflop"),
        ),
    ],
)
def test_repeated_data_and_probability_are_drawn_where_they_stand(client, address, plots) -> None:
    text = client.get(address).text
    assert [plot for plot in plots if len(spots(text, plot)) != 1] == []


def test_known_models_can_be_hidden(client) -> None:
    text = client.get(BUDGET).text
    assert all(any(tip.startswith(f"{each.name}\n") for tip in tips(text, "params")) for each in LANDMARKS)
    hidden = client.get(f"{BUDGET}&models=no").text
    assert not any(tip.startswith("GPT-3") for tip in tips(hidden, "params"))


def test_scenarios_stand_side_by_side_with_their_differences(client) -> None:
    """Up to four, in one link, each with its own law."""
    others = {
        "b": {"domain": "language", "compute": "1e22"},
        "c": {"domain": "language", "compute": "1e22", "law": "kaplan-2020"},
    }
    address = "/?" + urlencode(
        {"domain": "language", "compute": "1e21", **{n: urlencode(q) for n, q in others.items()}}
    )
    text = client.get(address).text
    table = text.partition('id="scenarios"')[2].partition("</table>")[0]
    first, second = (ask("optimal", domain="language", compute=c) for c in (1e21, 1e22))
    assert f"× {second.params / first.params:.3g}" in table
    assert f"{second.loss - first.loss:+.3g}".replace("-", "−") in table
    assert len(spots(text, "params")) == 3
    loss_row = table.partition(">Expected loss<")[2].partition("</tr>")[0]
    assert loss_row.count("−0.") == 1  # Kaplan's loss is on another scale: no difference is given


def test_a_scenario_in_the_form_keeps_the_others(client) -> None:
    """The link to edit B holds A; what the form would send holds both."""
    text = client.get("/?compute=1e21&b=compute%3D1e22").text
    to_b = html.unescape(re.search(r'href="(/\?[^"]*edit=b[^"]*)"', text)[1])
    form = Form(client.get(to_b).text)
    assert (form.sent["edit"], form.sent["compute"]) == ("b", "1e22")
    assert dict(parse_qsl(form.sent["a"]))["compute"] == "1e21"


def test_accelerators_are_those_of_the_table(client) -> None:
    assert set(ACCELERATORS) <= set(Form(client.get("/?ask=plan").text).choices["accelerator"])


@pytest.mark.parametrize(
    ("address", "field"),
    [
        ("/?compute=12,5", "compute"),
        ("/?ask=target&loss=1.2", "loss"),
        ("/?ask=plan&accelerator=H100&count=8&deadline_days=1&mfu=40", "mfu"),
    ],
)
def test_an_error_stands_beside_its_input(client, address, field) -> None:
    text = client.get(address).text
    assert re.search(rf'<input id="{field}"[^>]*aria-invalid="true"', text)
    assert re.search(rf'id="{field}-error">Expected [^<]+; got ', text)
    assert 'class="refused"' in text


def test_what_nobody_knows_is_said_in_the_page(client) -> None:
    for address in ("/?ask=nonsense", "/?domain=poetry", "/?edit=z", "/?law=nobody-1999", "/?compute=1&compute=2"):
        response = client.get(address)
        assert response.status_code == 200
        assert 'class="refused"' in response.text


def test_old_addresses_still_ask(client) -> None:
    assert figures(client.get("/?ask=budget&compute=1e22").text) == figures(client.get("/?compute=1e22").text)
    assert client.get("/?ask=fleet").status_code == 200


def test_markup_in_a_query_is_text(client) -> None:
    for name in ("compute", "domain", "law", "with", "ask", "b"):
        text = client.get(
            "/",
            params={name: '"><script>alert(1)</script>', "domain": "language"}
            if name != "domain"
            else {name: "<script>"},
        ).text
        assert "<script>" not in text


def test_data_of_plots_are_had_as_csv(client) -> None:
    text = client.get(BUDGET).text
    links = [html.unescape(link) for link in re.findall(r'href="(/v1/[^"]+\.csv[^"]*)"', text)]
    assert len(links) >= 4
    assert all(client.get(link).text.startswith("params") for link in links)


def test_rows_of_what_to_ask_are_in_the_readme() -> None:
    """The same five rows on the page and in README."""
    readme = (Path(service.__file__).parents[1] / "README.md").read_text()
    for have, names in ROWS:
        row = next(line for line in readme.splitlines() if line.startswith(f"| {have} "))
        assert all(f"`{name}`" in row for name in names)


def test_links_lead_to_what_they_name(client) -> None:
    """Every link of the planner's own is a page."""
    text = client.get(BUDGET).text
    for target in dict.fromkeys(re.findall(r'href="(/\?[^"]*)"', text)):
        address = html.unescape(target)
        assert client.get(address).status_code == 200
        assert urlsplit(address).path == "/"
