"""`make messages`: renew the catalogues of messages from code and templates, and compile them.

Extraction reads `_()`, `gettext`, `lazy_gettext` and `{% trans %}`. New messages arrive in
`cityindex/translations/th/LC_MESSAGES/messages.po` with an empty translation: write it, and run this again.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from cityindex.translations import FOLDER, LANGUAGES

NEVER = datetime(2026, 11, 22, tzinfo=UTC)
"""In the header instead of the present time: a catalogue changes when its messages do."""
CHECKOUT = Path(__file__).parent.parent
KEYWORDS = {"_": None, "gettext": None, "lazy_gettext": None, "ngettext": (1, 2), "pgettext": ((1, "c"), 2)}
OPTIONS = {"jinja2": {"trimmed": "true", "silent": "false"}}


def po_file(language: str) -> Path:
    return FOLDER / language / "LC_MESSAGES" / "messages.po"


def read(language: str) -> Catalog:
    with po_file(language).open("rb") as file:
        return read_po(file, locale=language)


def extract() -> Catalog:
    """Every message that code and templates use."""
    found = Catalog(project="cityindex", charset="utf-8")
    for folder, mapping in (("templates", [("**.html", "jinja2")]), ("cityindex/web", [("**.py", "python")])):
        for name, _line, message, _comments, context in extract_from_dir(
            CHECKOUT / folder,
            mapping,
            OPTIONS,
            KEYWORDS,  # type: ignore[arg-type]
        ):
            found.add(message, context=context, locations=[(f"{folder}/{name}", 0)])
    return found


def renew(language: str) -> int:
    """Bring one catalogue up to date with the code. Returns how many messages lack a translation."""
    old = read(language) if po_file(language).exists() else Catalog(locale=language, charset="utf-8")
    new = Catalog(
        locale=language,
        project="cityindex",
        fuzzy=False,
        header_comment="# Messages of cityindex.",
        creation_date=NEVER,
    )
    for message in sorted((one for one in extract() if one.id), key=lambda one: str(one.id)):
        before = old.get(message.id, message.context)  # type: ignore[arg-type]
        new.add(message.id, before.string if before else "", context=message.context)
    with po_file(language).open("wb") as file:
        write_po(file, new, width=110, omit_header=False, no_location=True)
    with po_file(language).with_suffix(".mo").open("wb") as file:
        write_mo(file, new)
    return sum(1 for message in new if message.id and not any(_strings(message.string)))


def _strings(text: object) -> tuple[str, ...]:
    return tuple(text) if isinstance(text, (list, tuple)) else (str(text or ""),)


if __name__ == "__main__":
    for language in LANGUAGES:
        missing = renew(language)
        print(f"{po_file(language).relative_to(CHECKOUT)}: {missing} without a translation" if language != "en" else "")
