"""Each law's page shows what its file holds, asks for nothing from elsewhere, and is had by suffix or by `Accept`."""

import re
from collections.abc import Callable
from html import escape
from html.parser import HTMLParser

import pytest
from serving import unnumbered

from fitted_laws.catalogue import shipped
from fitted_laws.documents.portraits import equations, symbol
from fitted_laws.forms import FORMS
from fitted_laws.laws.relation import ROLES
from fitted_laws.quantities.display import number, plain
from service.pages.answerable import answered

IDS = sorted({law.id for law in shipped()})
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
LOADING = {"script", "link", "img", "iframe", "object", "embed", "source", "audio", "video"}


class Page(HTMLParser):
    """What a page says, leads to and loads, and the ids in it."""

    def __init__(self, text) -> None:
        super().__init__()
        self.said, self.targets, self.loaded, self.ids, self.tags, self.references = "", [], [], [], set(), []
        self.feed(text)

    def handle_starttag(self, tag, attributes) -> None:
        given = dict(attributes)
        self.tags.add(tag)
        if "id" in given:
            self.ids.append(given["id"])
        if tag == "a":
            self.targets.append(given["href"])
        elif tag in LOADING:
            self.loaded.append((tag, given.get("src") or given.get("href") or given.get("data")))
        else:
            self.references += [value for name, value in given.items() if name in ("href", "xlink:href", "src")]
            self.references += re.findall(r"url\(([^)]*)\)", " ".join(value or "" for value in given.values()))

    def handle_data(self, data) -> None:
        self.said += data


@pytest.fixture(scope="module")
def pages(client) -> Callable[[str], str]:
    """The page of each law, read once."""
    read = {}

    def page(id) -> str:
        if id not in read:
            read[id] = client.get(f"/v1/laws/{id}.html").text
        return read[id]

    return page


@pytest.mark.parametrize("id", IDS)
def test_everything_of_the_file_stands_on_the_page(pages, laws, id) -> None:
    """Coefficients as printed, where they stand, citation, data, tokenizer, caveats, contradictions, role: word for word."""
    text = pages(id)
    said = " ".join(Page(text).said.split())
    for law in laws.named(id):
        for relation in law.relations.values():
            assert relation.citation in said
            assert ROLES[relation.role] in said
            assert relation.where[1:] in said
            for printed in relation.printed.values():
                assert f"<code>{printed}</code>" in text
            for example in relation.examples:
                assert escape(example.source) in text
        for fact in (
            law.first.title,
            law.first.authors,
            law.first.url,
            law.first.data,
            law.first.tokenizer,
            law.first.setup,
        ):
            assert " ".join(fact.split()) in said
        for remark in (*law.first.caveats, *law.first.contradictions):
            assert " ".join(remark.split()) in said
        assert ("Where the paper disagrees with itself" in said) >= bool(law.first.contradictions)


@pytest.mark.parametrize("id", IDS)
def test_equations_are_mathml(pages, laws, id) -> None:
    """One typeset equation a line of the form, and one symbol a coefficient."""
    relations = [relation for law in laws.named(id) for relation in law.relations.values()]
    blocks = re.findall(r'<math [^>]*display="block"', pages(id))
    assert len(blocks) == sum(len(equations(relation)) for relation in relations)
    assert pages(id).count("<math ") == len(blocks) + sum(len(relation.central) for relation in relations)


@pytest.mark.parametrize("id", IDS)
def test_a_page_needs_nothing_from_elsewhere(pages, id) -> None:
    """No script; the style sheet is our own; pictures are in the page; ids are unique."""
    page = Page(pages(id))
    assert set(page.loaded) == {("link", "data:,"), ("link", "/page/style.css")}
    assert all(reference.startswith("#") and reference[1:] in page.ids for reference in page.references)
    assert len(page.ids) == len(set(page.ids))
    assert {"svg", "math", "h1", "main"} <= page.tags


@pytest.mark.parametrize("id", IDS)
def test_every_link_of_a_page_works(client, pages, id) -> None:
    """Anchors are there, and each live example is answered."""
    page = Page(pages(id))
    for target in dict.fromkeys(page.targets):
        if target.startswith("#"):
            assert target[1:] in page.ids
        elif target.startswith("/"):
            assert client.get(target).status_code == 200, target


@pytest.mark.parametrize(
    "id", ["besiroglu-2024", "sweep-2026-code", "hoffmann-2022", "gadre-2024-c4", "sweep-2026-math"]
)
def test_a_law_is_asked_inside_its_fit_or_near(client, laws, id) -> None:
    """Of each question that its page links to; a curve is as far out as its farthest point, and an isoFLOP curve spans two decades."""
    for law in laws.named(id):
        for name, inputs in answered(law, laws):
            if name == "isoflop":
                continue
            found = client.get(f"/v1/{name}", params=inputs).json()
            reaches = {row["reach"] for row in found.get("rows", [found])}
            assert reaches <= {"inside", "near"}, (name, inputs)


def test_a_law_is_linked_to_where_it_was_published(pages, laws) -> None:
    """An address on the web, or none: what stands beside the code is at no address of the service."""
    assert {law.first.url.partition("://")[0] for law in laws} == {"https", ""}
    assert not [id for id in IDS if 'href=""' in pages(id) or 'href="docs/' in pages(id)]


def test_a_page_shows_the_number_of_the_paper_beside_ours(pages, client) -> None:
    """Hoffmann's optimal size at Gopher's budget: 40e9 in Figure 4, and the answer of now."""
    ours = client.get("/v1/optimal?domain=language&law=hoffmann-2022&compute=5.76e23").json()["params"]
    text = pages("hoffmann-2022").replace("&nbsp;", " ")
    assert f"<td>4 × 10¹⁰</td><td>{number(ours, 6)}</td><td>+0.9 %</td>" in text
    assert "quoted, disagrees" in text


def test_several_domains_have_an_index(pages, laws) -> None:
    page = Page(pages("henighan-2020"))
    domains = {law.domain.id for law in laws.named("henighan-2020")}
    assert len(domains) > 5
    assert {f"#{domain}" for domain in domains} <= set(page.targets)


def test_the_catalogue_lists_every_law(client, laws) -> None:
    page = Page(client.get("/v1/laws.html").text)
    assert {f"/v1/laws/{law.id}.html#{law.domain.id}" for law in laws} <= set(page.targets)
    assert "script" not in page.tags
    for start in ("/", "/docs"):
        assert "/v1/laws.html" in Page(client.get(start).text).targets


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        (BROWSER, "text/html; charset=utf-8"),
        ("text/html", "text/html; charset=utf-8"),
        ("application/json;q=0.5, text/html", "text/html; charset=utf-8"),
        ("text/html;q=0.5, application/json", "application/json"),
        ("application/json", "application/json"),
        ("*/*", "application/json"),
        ("", "application/json"),
        ("image/png", "application/json"),
        ("nonsense;;q=,", "application/json"),
    ],
)
def test_accept_chooses(client, accept, media_type) -> None:
    response = client.get("/v1/laws/kaplan-2020", headers={"accept": accept})
    assert (response.status_code, response.headers["content-type"]) == (200, media_type)
    assert response.headers["vary"] == "Accept"
    suffix = ".html" if "html" in media_type else ".json"
    same = client.get(f"/v1/laws/kaplan-2020{suffix}", headers={"accept": accept})
    assert (same.content, same.headers["etag"]) == (response.content, response.headers["etag"])


def test_tags_tell_page_and_json_apart(client) -> None:
    """Each representation has its own tag, which gives 304 for it alone."""
    path = "/v1/laws/kaplan-2020"
    tags = {
        accept: client.get(path, headers={"accept": accept}).headers["etag"]
        for accept in ("text/html", "application/json")
    }
    assert len(set(tags.values())) == 2
    for accept in tags:
        for held, tag in tags.items():
            response = client.get(path, headers={"accept": accept, "if-none-match": tag})
            assert response.status_code == (304 if held == accept else 200)
            assert response.headers["vary"] == "Accept"


@pytest.mark.parametrize(
    "path", ["/v1/laws.html", "/v1/laws/llama3-2024.html", "/v1/laws/llama3-2024.json", "/v1/laws/llama3-2024"]
)
def test_head_is_get_without_the_body(client, path) -> None:
    got, head = (ask(path, headers={"accept": BROWSER}) for ask in (client.get, client.head))
    assert (head.status_code, head.content, unnumbered(head)) == (200, b"", unnumbered(got))
    assert client.get(path, headers={"accept": BROWSER, "if-none-match": got.headers["etag"]}).status_code == 304


def test_an_unknown_law_is_404_with_the_nearest(client) -> None:
    response = client.get("/v1/laws/kaplan.html")
    assert response.status_code == 404
    assert "kaplan-2020" in response.json()["detail"]


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_a_form_carries_its_equation(form) -> None:
    """Every coefficient of a form stands in its equation, by the symbol that pages print beside it."""
    spaced = form.latex.replace("{", "").replace("}", "").replace(" ", "").replace("\\text", "")
    for name in form.__struct_fields__:
        if form.__struct_config__.tag == "precision" and name[:2] in ("ga", "n_"):
            continue  # stand in it as γ_i and n_i
        assert symbol(name).replace("{", "").replace("}", "").replace("\\text", "") in spaced, name


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.076, "0.076"),
        (8.8e13, "8.8 × 10¹³"),
        (1e9, "10⁹"),
        (2100.0, "2100"),
        (12300.0, "12,300"),
        (-1.395e-4, "−1.395 × 10⁻⁴"),
        (0.0, "0"),
    ],
)
def test_numbers_as_people_read_them(value, text) -> None:
    assert number(value) == text
    assert float(plain(value)) == value
