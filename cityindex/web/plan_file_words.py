"""What is wrong in a file of an improvement plan, in the words of whoever brings it in."""

from __future__ import annotations

from dataclasses import replace

from flask_babel import lazy_gettext

from cityindex.errors import Problem
from cityindex.web.import_words import in_words
from cityindex.web.sentences import Sentences

FILE_WORDS = Sentences((
    ("the plan has no such line", lazy_gettext("The plan has no line with this number.")),
    (
        "empty this cell and the revision to add it as a new line",
        lazy_gettext("To add it as a new line, empty this cell and the one of the revision."),
    ),
    ("nothing is said", lazy_gettext("Nothing is written.")),
    ("say what is done", lazy_gettext("Write what is to be done.")),
    ("is longer than {most} characters", lazy_gettext("It is longer than %(most)s characters.")),
    ("shorten it", lazy_gettext("Shorten it.")),
    ("is no sum of money", lazy_gettext("This is no sum of money.")),
    ("write baht, from 0", lazy_gettext("Write baht, from 0.")),
    ("is no year of a plan", lazy_gettext("This is no fiscal year of a plan.")),
    ("write a fiscal year such as 2570", lazy_gettext("Write a fiscal year such as 2570.")),
    ("is no status", lazy_gettext("This is no status.")),
    ("write one of {statuses}", lazy_gettext("Take one of the words of the list in the cell.")),
    ("this column is missing", lazy_gettext("This column is missing.")),
    ("this column is there twice", lazy_gettext("This column is there twice.")),
    ("download the plan and work in that file", lazy_gettext("Download the plan and work in that file.")),
    ("stands in row {row} already", lazy_gettext("The same line stands in row %(row)s already.")),
    ("keep one of the rows", lazy_gettext("Keep one of the rows.")),
))  # fmt: skip


def file_problem(problem: Problem) -> Problem:
    """What is wrong in a file of a plan, in the words of the page; what any table can have is said as there."""
    reason, cure = (FILE_WORDS.say(said) for said in (problem.reason, problem.cure))
    return replace(problem, reason=in_words(reason), cure=in_words(cure))
