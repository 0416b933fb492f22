"""Pages about the site itself. Their prose lies in `templates/pages/about/`, a file for each language."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask_babel import lazy_gettext

from cityindex.definitions.catalogue import Catalogue, Source
from cityindex.web.language import language
from cityindex.web.session import application

about = Blueprint("about", __name__)

TITLES = {
    "privacy": lazy_gettext("Privacy"),
    "licence": lazy_gettext("Sources and licence"),
    "accessibility": lazy_gettext("Accessibility"),
    "contact": lazy_gettext("Contact"),
}


@about.get("/about/privacy")
def privacy() -> str:
    return _prose("privacy")


@about.get("/about/licence")
def licence() -> str:
    return _prose("licence", sources=sources(application().catalogue))


@about.get("/about/accessibility")
def accessibility() -> str:
    return _prose("accessibility")


@about.get("/about/contact")
def contact() -> str:
    return _prose("contact")


def _prose(subject: str, **values: object) -> str:
    settings = application().settings
    return render_template(
        "pages/about.html",
        subject=subject,
        title=TITLES[subject],
        text=f"pages/about/{subject}.{language()}.html",
        operator=settings.operator,
        contact=settings.contact,
        **values,
    )


def sources(catalogue: Catalogue) -> list[tuple[Source, int]]:
    """Every source that the definitions name, with the number of indicators that come from it; most used first."""
    found: dict[str, tuple[Source, int]] = {}
    for entry in catalogue.indicators.values():
        if entry.source is not None:
            _, count = found.get(entry.source.name.en, (None, 0))
            found[entry.source.name.en] = (entry.source, count + 1)
    return sorted(found.values(), key=lambda pair: (-pair[1], pair[0].name.en))
