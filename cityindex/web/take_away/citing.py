"""How to name a view in a paper: in Thai, in English, and as BibTeX."""

from __future__ import annotations

import re
from dataclasses import dataclass

from cityindex import calendars
from cityindex.definitions.catalogue import Text
from cityindex.queries.runs.editions import Edition

SITE = {"th": "ดัชนีเมือง", "en": "City Index"}
DATA_SET = {"th": "ชุดข้อมูล", "en": "Data set"}
DEMO = {"th": "ข้อมูลตัวอย่าง ไม่เกี่ยวกับพื้นที่จริง", "en": "Demo data about no real place"}
_SPECIAL = re.compile(r"([#$%&_{}])")


@dataclass(frozen=True, slots=True)
class Cited:
    """What a citation is made of. `edition` is None for a view of values as they are known today.

    `when` is the period in words. `urls` lead to the view in Thai and in English; `year` is of the common era.
    """

    by: str | None
    year: int
    title: Text
    of: Text
    when: Text
    edition: Edition | None
    urls: Text
    demo: bool


def citation(cited: Cited, language: str) -> str:
    """One line of a list of references."""
    what = f"{DATA_SET[language]}; {DEMO[language]}" if cited.demo else DATA_SET[language]
    held = _held(cited, language)
    return (
        f"{cited.by or SITE[language]}. ({calendars.show_year(cited.year, language)}). "
        f"{cited.title.get(language)}{f' ({held})' if held else ''} [{what}]. {cited.urls.get(language)}"
    )


def bibtex(cited: Cited, key: str) -> str:
    """An entry with the English title; the Thai one is in its note."""
    what = f"{DATA_SET['en']}; {DEMO['en']}" if cited.demo else DATA_SET["en"]
    held = _held(cited, "en")
    fields = {
        "author": "{" + _bib(cited.by or SITE["en"]) + "}",
        "title": "{" + _bib(f"{cited.title.en} ({held})" if held else cited.title.en) + "}",
        "year": str(cited.year),
        "howpublished": f"[{what}]",
        "url": cited.urls.en,
        "note": _bib(cited.title.th),
    }
    body = ",\n".join(f"  {name} = {{{said}}}" for name, said in fields.items())
    return f"@misc{{{re.sub(r'[^A-Za-z0-9-]', '-', key)},\n{body}\n}}\n"


def _held(cited: Cited, language: str) -> str:
    """The edition that a view is of, with the period where its title does not say it."""
    name, when = cited.of.get(language), cited.when.get(language)
    when = "" if when in cited.title.get(language) else when
    if cited.edition is None:
        return ", ".join(part for part in (when, name) if part)
    version, run = cited.edition.version, cited.edition.run
    if language == "th":
        return " ".join(part for part in (name, when, f"รุ่น {version} ชุดคำนวณที่ {run}") if part)
    return ", ".join(part for part in (name, when, f"version {version}, run {run}") if part)


def _bib(words: str) -> str:
    return _SPECIAL.sub(r"\\\1", words.replace("\\", " "))
