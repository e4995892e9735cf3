"""The OpenAPI document is what the registries hold, hangs together, and tells the truth: every reply is as its schema says."""

import functools
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import jsonschema_rs
import msgspec
import pytest
from clients import by_all_laws, in_columns

from fitted_laws import Laws, Problem, ask
from fitted_laws.asking.inputs import inputs_of
from fitted_laws.catalogue import shipped
from fitted_laws.plots.curves import formats_of
from fitted_laws.quantities.glossary import GLOSSARY
from fitted_laws.questions.registry import QUESTIONS
from service.api.entries import DomainEntry, LawEntry, QuestionEntry
from service.api.openapi.document import document
from service.api.openapi.schemas import class_name
from service.settings import Settings

METHODS = ("get", "post")


@pytest.fixture(scope="module")
def openapi(client) -> dict[str, Any]:
    return client.get("/openapi.json").json()


def nodes(tree, path=()) -> Iterator[tuple[tuple[str, ...], dict[str, Any]]]:
    """Every object of the document with its path, but what examples hold."""
    if isinstance(tree, dict):
        yield path, tree
        for name, value in tree.items():
            if name not in ("example", "examples"):
                yield from nodes(value, (*path, name))
    elif isinstance(tree, list):
        for number, value in enumerate(tree):
            yield from nodes(value, (*path, str(number)))


def operations(openapi) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in openapi["paths"].items():
        for method, operation in methods.items():
            assert method in METHODS
            yield path, method, operation


def resolve(openapi, reference) -> dict[str, Any]:
    """The component that a reference names."""
    found = openapi
    for part in reference["$ref"].removeprefix("#/").split("/"):
        found = found[part]
    return found


def schema(openapi, name) -> dict[str, Any]:
    """A component as a JSON Schema of its own."""
    return {"$ref": f"#/components/schemas/{name}", "components": openapi["components"]}


def of(question, kind) -> str:
    return f"{class_name(question)}{kind}"


def test_no_reference_dangles(openapi) -> None:
    for path, node in nodes(openapi):
        if "$ref" in node:
            assert isinstance(resolve(openapi, node), dict), path


def test_every_component_is_used(openapi) -> None:
    used = {node["$ref"].removeprefix("#/components/") for _, node in nodes(openapi) if "$ref" in node}
    used |= {
        each["$ref"].removeprefix("#/components/")
        for _, node in nodes(openapi)
        for each in node.get("examples", {}).values()
        if "$ref" in each
    }
    held = {f"{kind}/{name}" for kind, parts in openapi["components"].items() for name in parts}
    assert {name for name in held - used if not name.startswith("securitySchemes/")} == set()


def test_operations_are_named_tagged_and_described(openapi) -> None:
    every = [operation for _, _, operation in operations(openapi)]
    ids = [operation["operationId"] for operation in every]
    assert len(ids) == len(set(ids))
    tags = {tag["name"] for tag in openapi["tags"] if tag["description"]}
    for operation in every:
        assert operation["summary"]
        assert operation["description"]
        assert set(operation["tags"]) <= tags, operation["operationId"]
        for parameter in operation.get("parameters", []):
            assert (resolve(openapi, parameter) if "$ref" in parameter else parameter)["description"]


def test_schemas_are_what_generators_need(openapi) -> None:
    """Arrays say of what; a choice of words and an object of several properties have a name, under which one type is written."""
    for path, node in nodes(openapi):
        types = node.get("type")
        if "array" in ([types] if isinstance(types, str) else types or []):
            assert "items" in node, path
        if "enum" in node and node["enum"] != ["true", "false"]:
            assert path[:2] == ("components", "schemas"), path
            assert len(path) == 3, path
        if path[:1] == ("paths",):
            assert "properties" not in node, path


def test_no_two_names_of_components_are_one_in_languages_that_write_them_alike(openapi) -> None:
    names = [name.replace("_", "").lower() for name in openapi["components"]["schemas"]]
    assert len(names) == len(set(names))


def test_fields_say_what_the_glossary_says(openapi) -> None:
    for name, question in QUESTIONS.items():
        properties = openapi["components"]["schemas"][of(name, "Row")]["properties"]
        assert set(question.answers) <= set(properties)
        for field, described in properties.items():
            assert described["description"], field
            if field in GLOSSARY:
                assert described["description"] == GLOSSARY[field].meaning
    assert "`loss`" in openapi["components"]["schemas"]["LossRow"]["properties"]["loss_low"]["description"]


def test_every_address_is_there_with_its_inputs(openapi) -> None:
    """At the bare address one law answers with all fields; a suffix takes several laws, and what its format can show."""
    for name, question in QUESTIONS.items():
        own = {n for n, entry in inputs_of(question).items() if not entry.option}
        options = {"level", "interval", "irreducible_loss", "same_loss", "counts", "compute_kind", "part"}
        more = {"json": {"fields"}, "csv": {"fields"}, "txt": {"field", "row"}, "svg": {"field"}}
        for suffix in (None, *formats_of(question)):
            address = f"/v1/{name}" + (f".{suffix}" if suffix else "")
            operation = openapi["paths"][address]["get"]
            named = {p["name"]: p for p in (resolve(openapi, each) for each in operation["parameters"])}
            assert set(named) == {*own, *options, "law", "If-None-Match", *more.get(suffix, ())}
            assert ("anyOf" in named["law"]["schema"]) == (suffix is not None)
            assert {"200", "304", "400", "404", "422"} <= set(operation["responses"])
        assert "errors=text" in openapi["paths"][f"/v1/{name}.txt"]["get"]["description"]
        assert {"400", "404", "413", "415", "422"} <= set(openapi["paths"][f"/v1/{name}"]["post"]["responses"])


def test_lists_are_written_with_commas(client, openapi) -> None:
    """`law` and `fields` as `explode: false` writes them, escaped or not; a parameter that comes twice is refused, as is said."""
    for parameter in openapi["components"]["parameters"].values():
        if parameter["name"] in ("law", "fields"):
            assert (parameter["style"], parameter["explode"]) == ("form", False)
    asked = "/v1/optimal.json?domain=language&compute=1e21"
    plain = client.get(f"{asked}&law=hoffmann-2022,besiroglu-2024&fields=params,law")
    escaped = client.get(f"{asked}&law=hoffmann-2022%2Cbesiroglu-2024&fields=params%2Claw")
    assert [row["law"] for row in plain.json()["rows"]] == ["hoffmann-2022", "besiroglu-2024"]
    assert escaped.content == plain.content
    assert client.get(f"{asked}&law=hoffmann-2022&law=besiroglu-2024").status_code == 400


def test_ranges_units_and_examples(openapi) -> None:
    compute = openapi["components"]["parameters"]["optimal_compute"]
    number, text = compute["schema"]["anyOf"]
    assert (number["minimum"], number["maximum"], compute["schema"]["x-unit"]) == (1, 1e60, "FLOP")
    assert re.search(resolve(openapi, text)["pattern"], "3 PF-days")
    assert compute["required"]
    assert compute["example"] == QUESTIONS["optimal"].example["compute"]
    assert openapi["components"]["parameters"]["level"]["schema"]["default"] == 0.9


def test_patterns_are_read_in_unicode_mode_too(openapi) -> None:
    """There an escape of a sign that needs none is an error: JavaScript's validators compile patterns so."""
    patterns = {node["pattern"] for _, node in nodes(openapi) if isinstance(node.get("pattern"), str)}
    assert len(patterns) > 5
    for pattern in patterns:
        escaped = set(re.findall(r"\\(.)", pattern))
        assert escaped <= set("^$\\.*+?()[]{}|/"), pattern


def test_one_shape_of_errors(openapi) -> None:
    for path, _, operation in operations(openapi):
        for status, response in operation["responses"].items():
            if int(status) >= 400:
                content = resolve(openapi, response)["content"]
                assert content["application/problem+json"]["schema"]["$ref"] == "#/components/schemas/Problem", path


@pytest.mark.parametrize("name", QUESTIONS)
def test_answers_are_as_they_are_described(client, openapi, name) -> None:
    """By one law with the headline a number, in columns, of several laws and of a few fields."""
    question = QUESTIONS[name]
    query = urlencode(question.example)
    got = client.get(f"/v1/{name}?{query}").json()
    jsonschema_rs.validate(schema(openapi, of(name, "Answer")), got)
    first = got["rows"][0] if question.curve else got
    assert isinstance(first[question.headline], float)
    properties = openapi["components"]["schemas"][of(name, "Row")]["properties"]
    assert first.keys() <= properties.keys()
    columns = client.post(f"/v1/{name}", json=in_columns(name))
    jsonschema_rs.validate(schema(openapi, of(name, "Columns")), columns.json())
    assert columns.json().keys() <= properties.keys()
    few = client.get(f"/v1/{name}.json?{query}&fields={question.headline}").json()
    jsonschema_rs.validate(schema(openapi, of(name, "Rows" if question.curve else "Row")), few)
    if by_all_laws(name):
        several = client.get(f"/v1/{name}.json?{query}&law=all&interval=none").json()
        jsonschema_rs.validate(schema(openapi, of(name, "Rows")), several)


@pytest.mark.parametrize("name", [name for name, question in QUESTIONS.items() if not question.lawless])
def test_the_headline_of_one_law_is_a_number_or_there_is_no_answer(client, openapi, laws, name) -> None:
    """By each law that the bare address takes; one that allocates FLOP a token, and gives null for params, it does not."""
    question = QUESTIONS[name]
    (taken,) = [
        p
        for p in map(functools.partial(resolve, openapi), openapi["paths"][f"/v1/{name}"]["get"]["parameters"])
        if p["name"] == "law"
    ]
    answered = 0
    for law in resolve(openapi, taken["schema"])["enum"]:
        if answers(laws, name, law):
            reply = client.get(f"/v1/{name}", params={**question.example, "law": law, "interval": "none"})
            if reply.status_code == 200:
                answered += 1
                jsonschema_rs.validate(schema(openapi, of(name, "Answer")), reply.json())
    assert answered


def answers(laws, name, id) -> bool:
    """Whether that law may answer a question's example. It is asked without the others, which a refusal would try one by one."""
    asked = {**QUESTIONS[name].example, "law": id, "interval": "none"}
    few = [law for law in laws.of(asked["domain"]) if law.id in (id, asked.get("other"))]
    try:
        ask(name, Laws([relation for law in few for relation in law.relations.values()], ""), **asked)
    except Problem:
        return False
    return True


@pytest.mark.parametrize(("law", "shared"), [("hoffmann-2022", "SharedByOneLaw"), ("all", "SharedBySeveralLaws")])
def test_the_shapes_of_columns_are_told_apart(client, openapi, law, shared) -> None:
    """Of one law and of several; the former shape, one array a field, is neither."""
    given = {"domain": "language", "law": law, "params": [1e8, 1e9], "tokens": 1e10}
    got = client.post("/v1/loss", json=given).json()
    former = client.post("/v1/loss?shape=arrays", json=given).json()
    assert jsonschema_rs.is_valid(schema(openapi, "LossColumns"), got)
    assert not jsonschema_rs.is_valid(schema(openapi, "LossColumns"), former)
    fitting = {
        name for name in ("SharedByOneLaw", "SharedBySeveralLaws") if jsonschema_rs.is_valid(schema(openapi, name), got)
    }
    assert fitting == {shared}


@pytest.mark.parametrize(
    ("path", "entry"), [("/v1/questions", QuestionEntry), ("/v1/domains", DomainEntry), ("/v1/laws", LawEntry)]
)
def test_lists_hold_what_their_structs_say(client, path, entry) -> None:
    """The structs are what schemas are made from; they are read strictly, with no field more or less."""
    got = client.get(path)
    held = msgspec.json.decode(got.content, type=list[entry])
    assert msgspec.to_builtins(held) == got.json()


def test_every_path_answers(client, openapi) -> None:
    """A GET with the examples of its parameters is answered, under a media type that is named."""
    for path, method, operation in operations(openapi):
        if method == "get":
            named = [resolve(openapi, each) if "$ref" in each else each for each in operation.get("parameters", [])]
            given = {each["name"]: each["example"] for each in named if "example" in each}
            assert {each["name"] for each in named if each.get("required")} <= given.keys(), path
            query = {name: value for name, value in given.items() if f"{{{name}}}" not in path}
            reply = client.get(path.format(**given), params=query)
            assert reply.status_code == 200, path
            assert reply.headers["content-type"].partition(";")[0] in operation["responses"]["200"]["content"]


@pytest.mark.parametrize("keys", ["", "a-key"])
def test_a_key_is_a_security_scheme(keys) -> None:
    """Three ways of giving it; where no key is set, none is needed, and health never needs one."""
    made = document(shipped(), Settings(api_keys=keys))
    schemes = set(made["components"]["securitySchemes"])
    assert schemes == {"bearer", "header", "query"}
    assert [{}] * (not keys) + [{name: []} for name in made["components"]["securitySchemes"]] == made["security"]
    assert made["paths"]["/health/live"]["get"]["security"] == []
    assert "key" not in {parameter["name"] for parameter in made["components"]["parameters"].values()}
