"""The pages for people: `/` and `/docs`, made from the registries, and their files. Nothing on them comes from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator

from fitted_laws import Laws
from service.messages import Resource
from service.settings import Settings


def resources(laws: Laws, settings: Settings) -> Iterator[Resource]:
    return iter(())
