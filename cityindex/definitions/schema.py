"""Which keys each kind of definition file has, and what may stand there.

Keys that `definitions.md` marks with a star are `starred`: required inside `indicators/`, optional in a self-contained
file. Questionnaires have theirs in `questionnaire_schema`, agreements in `agreements`.
"""

from __future__ import annotations

import datetime
from typing import Any

from cityindex.definitions import methods
from cityindex.definitions.findings import At, Findings
from cityindex.definitions.shapes import (
    Keys,
    Reader,
    boolean,
    date,
    integer,
    list_of,
    mapping_or,
    matching,
    nullable,
    number,
    one_of,
    words,
)
from cityindex.definitions.yaml_ import Block

CODE = matching(r"[a-z][a-z0-9_]*", "a code", "use small letters, digits and _, beginning with a letter")
SLUG = matching(r"[a-z][a-z0-9_-]*", "a code", "use small letters, digits, _ and -, beginning with a letter")
ANY_CODE = matching(r"\S+", "a code", "write it without blanks, between quotes where it looks like a number")
PERIOD = one_of("fiscal-year", "calendar-year")
DECIMALS = integer(0, 15)
FINGERPRINT = matching(r"[0-9a-f]{64}", "a fingerprint", "let `cityindex definitions freeze` write it")

TEXT = Keys({"th": words, "en": words})
SOURCE = Keys({"name": TEXT}, {"url": words, "licence": mapping_or(words, TEXT)})
VERIFIED = mapping_or(one_of(False), Keys({"on": date, "by": words}))


def child(value: Any, at: At, findings: Findings) -> Any:
    """A child of a node: an indicator's place, or a further node."""
    return (LEAF if isinstance(value, Block) and "indicator" in value else NODE)(value, at, findings)


def text_or_number(value: Any, at: At, findings: Findings) -> Any:
    """A figure as it was reported: a number, or words such as `about 100`."""
    return words(value, at, findings) if isinstance(value, str) else number()(value, at, findings)


def date_or_words(value: Any, at: At, findings: Findings) -> Any:
    """A date, or words such as `2568` for one that is known to the year only."""
    return value if isinstance(value, datetime.date) else words(value, at, findings)


def for_each(reader: Reader) -> Reader:
    """A mapping whose keys are codes of the tree, each with what `reader` reads."""

    def read(value: Any, at: At, findings: Findings) -> Any:
        return Keys(dict.fromkeys(value if isinstance(value, Block) else (), reader))(value, at, findings)

    return read


RANGE = list_of(nullable(number()), least=2, most=2)
YEAR = integer(1900, 2400)
"""Of the common era: years of the Buddhist era begin above."""

TARGET = Keys(
    {"value": number(), "name": TEXT, "source": SOURCE, "verified": VERIFIED},
    {"from": YEAR, "by": YEAR},
)

INDICATOR = Keys(
    required={"code": CODE},
    starred={
        "definition": TEXT,
        "unit": ANY_CODE,
        "direction": one_of("higher", "lower"),
        "source": SOURCE,
        "aligned_to": list_of(ANY_CODE),
    },
    optional={
        "name": TEXT,
        "decimals": DECIMALS,
        "type": one_of("measured", "derived", "rubric", "yes-no"),
        "formula": words,
        "denominator": CODE,
        "per": number(above=0),
        "bounds": RANGE,
        "expected": RANGE,
        "transform": one_of("none", "log", "log10", "sqrt"),
        "fill": methods.FILL,
        "treat": methods.TREAT,
        "impute": methods.IMPUTE,
        "normalise": methods.NORMALISE,
        "round": DECIMALS,
        "status": one_of("scored", "pilot", "retired"),
        "period": PERIOD,
        "tags": list_of(words),
        "applies_to": list_of(SLUG, least=1),
        "inherits_from": SLUG,
        "frequency": words,
        "verified": VERIFIED,
        "targets": list_of(TARGET, least=1),
    },
)

LEAF = Keys({"indicator": CODE}, {"weight": number()})
NODE = Keys(
    required={"code": CODE, "children": list_of(child, least=1)},
    optional={
        "name": TEXT,
        "description": TEXT,
        "weight": number(),
        "weights": methods.WEIGHTS,
        "aggregate": methods.AGGREGATE,
        "coverage": methods.COVERAGE,
        "missing": methods.MISSING,
        "nonpositive": methods.NONPOSITIVE,
        "direction": one_of("higher", "lower"),
        "round": DECIMALS,
        "rescale": methods.NORMALISE,
    },
)

LEVEL = Keys({"code": CODE, "from": number()}, {"name": TEXT})
BANDS = Keys(
    {"names": list_of(mapping_or(words, TEXT), least=1)},
    {"cuts": list_of(number(), least=1), "share": list_of(methods.SHARE, least=1)},
)

PLAN = Keys(
    optional={
        "weights": Keys(
            optional={
                "noise": methods.SHARE,
                "levels": list_of(integer(1, 100), least=1),
                "dirichlet": number(above=0),
                "sets": list_of(words, least=1),
            }
        ),
        "normalise": list_of(methods.NORMALISE, least=1),
        "aggregate": for_each(list_of(methods.AGGREGATE, least=1)),
        "treat": list_of(methods.TREAT, least=1),
        "impute": list_of(methods.IMPUTE, least=1),
        "leave_out": one_of("indicators"),
        "noise": for_each(number(0)),
        "sobol": boolean,
    }
)
UNCERTAINTY = Keys({"plan": PLAN}, {"replications": integer(1), "seed": integer(0)})

FRAMEWORK = Keys(
    required={"framework": SLUG, "tree": NODE},
    optional={
        "version": words,
        "name": TEXT,
        "description": TEXT,
        "owner": TEXT,
        "period": PERIOD,
        "scale": list_of(number(), least=2, most=2),
        "places": list_of(SLUG, least=1),
        "method": methods.METHOD,
        "levels": list_of(LEVEL, least=1),
        "peers": list_of(CODE),
        "bands": BANDS,
        "uncertainty": UNCERTAINTY,
        "weights": Keys({"file": words}),
        "indicators": list_of(INDICATOR),
    },
)

THEME = Keys({"theme": SLUG, "name": TEXT, "indicators": list_of(INDICATOR, least=1)}, {"description": TEXT})

STRATEGY_ITEM = Keys(
    {"code": ANY_CODE, "name": TEXT, "verified": VERIFIED}, {"parent": ANY_CODE, "note": TEXT, "source": SOURCE}
)
VOCABULARY = Keys(
    {"vocabulary": SLUG, "name": TEXT, "source": SOURCE, "items": list_of(STRATEGY_ITEM, least=1)},
    {"description": TEXT},
)

CODELIST_ITEM = Keys(
    {"code": ANY_CODE, "name": TEXT},
    {
        "short": TEXT,
        "aliases": list_of(words),
        "group": SLUG,
        "parent": ANY_CODE,
        "note": TEXT,
        "members": list_of(ANY_CODE),
        "from": number(),
    },
)
CODELIST = Keys({"codelist": SLUG, "name": TEXT, "items": list_of(CODELIST_ITEM, least=1)}, {"description": TEXT})

REPORTED = Keys(
    {
        "figure": TEXT,
        "value": mapping_or(text_or_number, TEXT),
        "on": mapping_or(date_or_words, TEXT),
        "source": mapping_or(words, SOURCE),
    },
    {"note": TEXT, "counts": SLUG, "verified": VERIFIED},
)
REPORTED_LIST = Keys({"reported": SLUG, "name": TEXT, "figures": list_of(REPORTED, least=1)}, {"note": TEXT})
PROGRAMME = Keys(
    {"programme": SLUG, "name": TEXT, "owner": TEXT, "membership": TEXT},
    {
        "description": TEXT,
        "framework": SLUG,
        "questionnaire": SLUG,
        "report_every_years": number(above=0),
        "source": SOURCE,
        "reported": list_of(REPORTED),
    },
)

VERSION = Keys(
    {"id": SLUG, "version": words, "fingerprint": FINGERPRINT}, {"kind": one_of("framework", "questionnaire")}
)
PUBLISHED = Keys({"published": list_of(VERSION)})
