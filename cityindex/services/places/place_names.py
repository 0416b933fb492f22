"""A place with what it is: `เทศบาลนครเชียงใหม่`, `Chiang Mai city municipality`."""

from __future__ import annotations

from typing import Protocol

from cityindex.definitions.catalogue import Codelist

NAMED_WHOLLY = ("bangkok", "pattaya")
"""Types with one place, whose name says what it is."""


class Named(Protocol):
    @property
    def place_type(self) -> str: ...
    @property
    def name_th(self) -> str: ...
    @property
    def name_en(self) -> str | None: ...


def full_name(place: Named, types: Codelist, language: str) -> str:
    name = (place.name_en if language == "en" else None) or place.name_th
    if place.place_type in NAMED_WHOLLY or (place.place_type == "district" and name.startswith("เขต")):
        return name
    kind = types.items[place.place_type].name.get(language)
    return f"{name} {kind[0].lower()}{kind[1:]}" if language == "en" else f"{kind}{name}"


def both_names(place: Named, types: Codelist) -> dict[str, str]:
    """For a letter: `place_th` and `place_en`."""
    return {f"place_{language}": full_name(place, types, language) for language in ("th", "en")}
