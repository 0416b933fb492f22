"""What answers about releases hold."""

from __future__ import annotations

from cityindex.web.api.schemas.parts import MAYBE, Named, moment, text, whole, yes


class Release(Named):
    """`name` names the framework."""

    release = whole("Its number: later ones are higher.")
    framework = text("Code of the framework.")
    version = text("Its version.")
    period = whole("Year of the common era.")
    period_be = whole("The same year in the Buddhist era.")
    at = moment("When it happened.")
    kind = text("`first` edition, `again` (in place of another), `withdrawn`, or `back` (the one before returned).")
    run = whole("The run that is public from then on; null: none is.", **MAYBE)
    before = whole("The run that was public until then.", **MAYBE)
    edition_status = text("`provisional` or `final`; null where nothing is said.", **MAYBE)
    corrects = whole("The run that it corrects; null where it is no correction.", **MAYBE)
    what_changed_th = text("What the correction changed, in Thai.", **MAYBE)
    what_changed_en = text("The same in English, where it was written.", **MAYBE)
    why_th = text("Why, in Thai.", **MAYBE)
    why_en = text("The same in English, where it was written.", **MAYBE)
    demo = yes("Whether it is computed from data made up for the demonstration.")


class Announced(Named):
    """`name` names the framework. Which run it will be is not public before it is out."""

    framework = text("Code of the framework.")
    period = whole("Year of the common era.")
    period_be = whole("The same year in the Buddhist era.")
    at = moment("When it comes out.")
    again = yes("Whether it takes the place of an edition that is out.")
    announced_at = moment("When it was announced.")
    demo = yes("Whether it is computed from data made up for the demonstration.")
