"""Every message of the pages has its Thai words, and the compiled catalogues are those of the written ones."""

from __future__ import annotations

import ast
import gettext
import re
from pathlib import Path

import pytest
from babel.messages.catalog import Message

import cityindex
from cityindex.resources import resource_root
from cityindex.translations import LANGUAGES
from tests.messages import extract, po_file, read

PLACEHOLDER = re.compile(r"%\(\w+\)s")


def strings(message: Message) -> tuple[str, ...]:
    return tuple(message.string) if isinstance(message.string, (list, tuple)) else (str(message.string),)


def ids(message: Message) -> tuple[str, ...]:
    return tuple(message.id) if isinstance(message.id, (list, tuple)) else (str(message.id),)


@pytest.fixture(scope="module")
def used() -> list[Message]:
    found = [message for message in extract() if message.id]
    assert len(found) > 50
    return found


def test_every_message_has_thai_words(used: list[Message]) -> None:
    thai = read("th")
    missing = [m.id for m in used if m.id not in thai or not all(strings(thai[m.id]))]
    assert not missing, "write them in cityindex/translations/th/LC_MESSAGES/messages.po and run `make messages`"


def test_no_message_hides_in_a_formatted_string() -> None:
    """Messages are collected token by token, and inside an f-string there are none: its words would stay English."""
    for file in sorted((Path(cityindex.__file__).parent).rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.JoinedStr):
                calls = {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}
                assert not calls & {"gettext", "ngettext", "lazy_gettext"}, f"{file}:{node.lineno}"


def test_catalogues_hold_nothing_else(used: list[Message]) -> None:
    known = {ids(message)[0] for message in used}
    for language in LANGUAGES:
        assert {ids(message)[0] for message in read(language) if message.id} == known, "run `make messages`"


def test_thai_words_keep_the_placeholders() -> None:
    for message in read("th"):
        if message.id:
            wanted = set(PLACEHOLDER.findall(ids(message)[-1]))
            assert all(set(PLACEHOLDER.findall(words)) == wanted for words in strings(message)), message.id


@pytest.mark.parametrize("language", LANGUAGES)
def test_compiled_catalogue_is_not_stale(language: str) -> None:
    with po_file(language).with_suffix(".mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    for message in read(language):
        if message.id and isinstance(message.id, str):
            assert compiled.gettext(message.id) == (message.string or message.id), "run `make messages`"


def test_prose_is_there_in_both_languages_with_the_same_parts() -> None:
    folder: Path = resource_root("templates") / "pages" / "about"
    subjects = {path.name.split(".")[0] for path in folder.glob("*.html")}
    assert subjects == {"accessibility", "contact", "licence", "privacy"}
    for subject in subjects:
        thai, english = ((folder / f"{subject}.{language}.html").read_text() for language in ("th", "en"))
        for tag in ("<h2>", "<p", "<li>", "<ul>"):
            assert thai.count(tag) == english.count(tag), f"{subject}: {tag}"


def test_demo_data_has_one_thai_name() -> None:
    other = "สาธิต"
    assert [message.id for message in read("th") if other in "".join(strings(message))] == []
    made = sorted((resource_root("seeds").parent / "cityindex").glob("services/demo/*.py"))
    assert [path.name for path in made if other in path.read_text()] == []
    assert made
