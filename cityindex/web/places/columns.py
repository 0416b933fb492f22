"""What files say of a place, in the columns that lead their tables."""

from __future__ import annotations

from typing import Any, Protocol

from cityindex.formats.taken import Column

PLACE_COLUMNS = (
    Column("place", "รหัสพื้นที่", "Place code"),
    Column("place_th", "ชื่อไทย", "Name in Thai"),
    Column("place_en", "ชื่ออังกฤษ", "Name in English"),
    Column("place_type", "ประเภท", "Type"),
    Column("province", "รหัสจังหวัด", "Province code"),
    Column("province_th", "จังหวัด", "Province in Thai"),
)


class Placed(Protocol):
    """A place with its names and where it lies."""

    @property
    def code(self) -> str: ...
    @property
    def name_th(self) -> str: ...
    @property
    def name_en(self) -> str | None: ...
    @property
    def place_type(self) -> str: ...
    @property
    def province_code(self) -> str | None: ...
    @property
    def province_th(self) -> str | None: ...


def place_cells(place: Placed) -> tuple[Any, ...]:
    """The cells of `PLACE_COLUMNS`."""
    return (place.code, place.name_th, place.name_en, place.place_type, place.province_code, place.province_th)
