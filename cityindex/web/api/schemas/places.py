"""What answers about places hold."""

from __future__ import annotations

from marshmallow import fields

from cityindex.web.api.schemas.parts import MAYBE, Named, Strict, day, number, some, text, whole, yes


class Code(Strict):
    scheme = text("Whose code it is: `dla`, `tis1099`, `nso` …")
    code = text("The code.")
    in_force = yes("Whether it holds now.")
    valid_from = day("Since when, where that is known.", **MAYBE)
    valid_to = day("Until when, where that is known.", **MAYBE)


class Spell(Named):
    place_type = text("What the place was.")
    code = text("Its code then.")
    valid_from = day("Since when, where that is known.", **MAYBE)
    valid_to = day("Until when, where that is known.", **MAYBE)


class Membership(Strict):
    programme = text("Code of the programme or network.")
    joined = text("Date of joining, as exactly as it is known: 2020, 2020-10 or 2020-10-31.", **MAYBE)
    left = text("Date of leaving; null for a present member.", **MAYBE)
    source = text("Where this is known from.")


class Place(Named):
    place = text("Code: seven digits of a local government, two of a province, four of a district.")
    place_type = text("See the code list `place-types`.")
    province = text("Code of the province.", **MAYBE)
    province_name = text("Its name in the language asked for.", **MAYBE)
    district = text("Code of the district.", **MAYBE)
    latitude = number("WGS 84.", **MAYBE)
    longitude = number("WGS 84.", **MAYBE)
    area_km2 = number("Area in square kilometres.", **MAYBE)
    population = whole("Registered population, as the register of places has it.", **MAYBE)
    valid_from = day("Since when the place exists as it is.", **MAYBE)
    valid_to = day("Until when it existed; null for one that exists.", **MAYBE)
    source = text("Where this is known from.")
    demo = yes("Whether it is made up for the demonstration.")


class PlaceDetails(Place):
    codes = some(fields.Nested(Code), "All its codes, those in force first.")
    before = some(fields.Nested(Spell), "What it was before, the latest first.")
    memberships = some(fields.Nested(Membership), "Programmes and networks, present and past.")
    links = fields.Dict(keys=fields.String(), values=fields.String(), metadata={"description": "Further addresses."})


class Trait(Strict):
    trait = text("`population`, `density`, `revenue`, `place_type` or `region`.")
    mine = fields.Raw(metadata={"description": "Of the place that was asked for; null where it is not known."}, **MAYBE)
    other = fields.Raw(metadata={"description": "Of this place; null where it is not known."}, **MAYBE)


class SimilarPlace(Named):
    place = text("Code of the place.")
    place_type = text("See the code list `place-types`.")
    province = text("Code of the province.", **MAYBE)
    distance = number("0: the same in all traits; 1: as far apart as two places by chance.")
    traits = some(fields.Nested(Trait), "Why: every trait that places are compared by.")
    demo = yes("Whether it is made up for the demonstration.")
