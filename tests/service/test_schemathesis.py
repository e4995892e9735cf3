"""Schemathesis attacks the service from its own OpenAPI document, in process: whatever comes, answers are as documented."""

import os
import subprocess
import sysconfig

import pytest
import schemathesis
from hypothesis import HealthCheck, reject, settings
from schemathesis.checks import CHECKS, load_all_checks
from serving import serving

from fitted_laws.catalogue import shipped
from service.app import create_app
from service.settings import Settings

load_all_checks()
UNFIT = {"positive_data_acceptance"}
"""Well-formed input may rightly have no answer: 422."""
EVERY = [check for check in CHECKS.get_all() if check.__name__ not in UNFIT]

FORMATS = r"^/v1/(?!target)\w+\.\w+$"
"""Questions in another format; those of one question are as good as of all, and the slow tests take all."""
KINDS = ["/v1/optimal", "/v1/target.txt", "/v1/answers", "/v1/laws/{id}", "/v1/domains", "/health/ready"]
"""One address of each kind: what is generated for boundaries and methods, some 400 cases each, is as good on one as on all."""


@schemathesis.serializer("text/csv", "application/x-ndjson")
def as_text(_, value) -> bytes:
    """Tables and lines are texts: what is no text cannot be sent in their place, and is no case."""
    if not isinstance(value, str | bytes):
        reject()
    return value if isinstance(value, bytes) else value.encode()


def document(*, coverage) -> schemathesis.BaseSchema:
    """The document of the service, with all phases, or without the one that enumerates boundaries."""
    found = schemathesis.openapi.from_asgi("/openapi.json", create_app(shipped(), Settings(max_rows=200, max_items=50)))
    found.config.phases.coverage.enabled = coverage
    return found


bounded = settings(deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))


@document(coverage=False).exclude(path_regex=FORMATS).parametrize()
@settings(bounded, max_examples=3)
def test_generated_questions(case) -> None:
    case.call_and_validate(checks=EVERY)


@document(coverage=True).include(path=KINDS).parametrize()
@settings(bounded, max_examples=1)
def test_boundaries_and_methods(case) -> None:
    case.call_and_validate(checks=EVERY)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_at_length_over_a_socket(seed, tmp_path) -> None:
    """Two thousand cases a seed against the real server; boundaries, which are the same for all seeds, are above."""
    with serving() as (client, _):
        command = [
            "schemathesis",
            "run",
            f"{client.base_url}/openapi.json",
            f"--seed={seed}",
            "--phases=fuzzing",
            "--max-examples=20",
        ]
        command += [f"--exclude-checks={','.join(UNFIT)}"]
        scripts = sysconfig.get_path("scripts")
        told = subprocess.run(
            command,
            cwd=tmp_path,
            env=os.environ | {"PATH": scripts},
            capture_output=True,
            text=True,
            timeout=500,
            check=False,
        )
    assert told.returncode == 0, told.stdout
