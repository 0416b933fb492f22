"""What the answers about knowledge and proposals hold."""

from __future__ import annotations

from marshmallow import fields

from cityindex.web.api.schemas.parts import MAYBE, Strict, moment, some, text, whole, yes


class KnowledgeFile(Strict):
    """A file of an item."""

    name = text("Name.")
    media_type = text("As its content was recognised.")
    size = whole("Bytes.")
    url = text("Address.")


class Knowledge(Strict):
    """An item of the knowledge bank, as its newest accepted version says it."""

    item = whole("Number.")
    identifier = text("The same at every door: in the catalogue, in CKAN and here.")
    version = whole("Number of the version.")
    kind = text("See the code list `knowledge-kinds`.")
    title = text("In the language asked for; Thai where there is no English.", **MAYBE)
    title_th = text("In Thai.", **MAYBE)
    title_en = text("In English.", **MAYBE)
    summary = text("In the language asked for; Thai where there is no English.", **MAYBE)
    creator = text("Who made it.")
    year = whole("Year in which it was made, in the common era.", **MAYBE)
    year_be = whole("The same year in the Buddhist era.", **MAYBE)
    licence = text("See the code list `licences`.")
    language = text("Of the content: `th`, `en` or `other`.")
    place = text("Code of the place.")
    province = text("Name of the province in Thai.", **MAYBE)
    themes = some(fields.String(), "Codes of themes.")
    indicators = some(fields.String(), "Codes of indicators that it speaks to.")
    areas = some(fields.String(), "Codes of areas of learning cities: nodes of the framework `learning-city`.")
    shown_since = moment("When it was first shown, in UTC.")
    changed_at = moment("When this version was accepted, in UTC.")
    url = text("Address of its page.")
    demo = yes("Whether it is made up for the demonstration.")


class KnowledgeDetails(Knowledge):
    """The same with its files."""

    summary_th = text("In Thai.", **MAYBE)
    summary_en = text("In English.", **MAYBE)
    innovation = text("The innovation or project that it belongs to.", **MAYBE)
    link = text("Where the content is, as its place says.", **MAYBE)
    files = some(fields.Nested(KnowledgeFile), "Its files.")


class Proposal(Strict):
    """A line of the register of proposals, as its list gave it or its place wrote it."""

    proposal = whole("Number.")
    identifier = text("The same at every door: in the catalogue, in CKAN and here.")
    list = text("The list that it came in; `written here` for what its place wrote.")
    code = text("Its code in that list.")
    kind = text("See the code list `proposal-kinds`.")
    title_th = text("In Thai.")
    title_en = text("In English.", **MAYBE)
    place = text("Code of the place.", **MAYBE)
    area = text("Where it is, in the words of the list.", **MAYBE)
    status = text("See the code list `proposal-statuses`.")
    since = text("Since when, as exactly as it is known.", **MAYBE)
    until = text("Until when, as exactly as it is known.", **MAYBE)
    themes = some(fields.String(), "Codes of themes.")
    rule = text("The rule that it changes.", **MAYBE)
    summary = text("As the list or the place says it.", **MAYBE)
    evidence = text("As the list or the place says it.", **MAYBE)
    outcome = text("As the list or the place says it.", **MAYBE)
    url = text("Address.", **MAYBE)
    page = text("Address of its page.")
    source = text("Where this is known from.")
    origin = text("`imported` with a list, or `written` here by its place.")
    imported_at = moment("When the list was last imported, or what its place wrote was accepted, in UTC.")
    demo = yes("Whether it is made up for the demonstration.")
