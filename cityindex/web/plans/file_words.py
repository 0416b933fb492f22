"""What is wrong in a file of an improvement plan, in the words of whoever brings it in."""

from __future__ import annotations

from dataclasses import replace

from flask_babel import lazy_gettext

from cityindex.errors import Problem
from cityindex.web.imports.words import in_words
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
    ("is no status", lazy_gettext("This is no status.")),
    ("write one of {statuses}", lazy_gettext("Take one of the words of the list in the cell.")),
    ("has signs of HTML", lazy_gettext("It has signs of HTML.")),
    (
        "write plain text, without < and > around words",
        lazy_gettext("Write plain text, without < and > around words."),
    ),
    ("is a formula", lazy_gettext("It is a formula.")),
    ("write what is meant as text", lazy_gettext("Write what is meant as text.")),
    ("write its result as a number", lazy_gettext("Write its result as a number.")),
    (
        "write baht in digits, such as 250000, or leave it empty",
        lazy_gettext("Write baht in digits, such as 250000, or leave it empty."),
    ),
    ("is too far from now for a plan", lazy_gettext("This year is too far from now. Is it of the other era?")),
    ("is not a year", lazy_gettext("This is no year.")),
    ("write a fiscal year such as 2570 or 2027", lazy_gettext("Write a fiscal year such as 2570 or 2027.")),
    ("is no indicator", lazy_gettext("There is no indicator with this code.")),
    (
        "write a code of the list of indicators, or leave it empty",
        lazy_gettext("Take a code of the sheet of codes, or leave it empty."),
    ),
    ("is no target of this place", lazy_gettext("The place has no target in force with this number.")),
    (
        "write the number of a target that is in force, or leave it empty",
        lazy_gettext("Take a number of the sheet of codes, or leave it empty."),
    ),
    ("is no code of a strategy or plan", lazy_gettext("There is no strategy or plan with this code.")),
    (
        "write codes of the list, with blanks between them",
        lazy_gettext("Take codes of the sheet of codes, with blanks between them."),
    ),
    ("is not a number of ours", lazy_gettext("This is no number that stood in the file.")),
    ("write a number, or leave it empty", lazy_gettext("Write a number, or leave it empty.")),
    (
        "leave it as it was, or leave it empty for a new line",
        lazy_gettext("Leave it as it was, or leave it empty for a new line."),
    ),
    ("stands alone", lazy_gettext("The number or the revision is missing.")),
    (
        "leave both empty for a new line, or download the plan again",
        lazy_gettext("Leave both empty for a new line, or download the plan again."),
    ),
    ("is not a status", lazy_gettext("This is no status.")),
    ("choose one of {statuses}", lazy_gettext("Take one of the words of the list in the cell.")),
    ("this column is of no year", lazy_gettext("This column of money says no fiscal year.")),
    (
        "call it by a fiscal year, such as «งบประมาณ 2570 (บาท)»",
        lazy_gettext("Call it by a fiscal year, such as «งบประมาณ 2570 (บาท)»."),
    ),
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
