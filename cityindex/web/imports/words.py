"""What is said about a file of figures, in the words of whoever looks at it in the browser.

The reader of files speaks to whoever imports by command. Here each of its sentences stands with one for the page, which
is translated; what was found in the file is put in again. A sentence that is not here is shown as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flask_babel import lazy_gettext

from cityindex.errors import Problem
from cityindex.web.filters import translated
from cityindex.web.sentences import Sentences
from cityindex.web.session import application

ROLES: Mapping[str, Any] = {
    "place": lazy_gettext("place code"),
    "period": lazy_gettext("year"),
    "indicator": lazy_gettext("indicator"),
    "value": lazy_gettext("value"),
    "status": lazy_gettext("status"),
    "source": lazy_gettext("source"),
}
ERAS: Mapping[str, Any] = {
    "Buddhist-era": lazy_gettext("Buddhist-era"),
    "common-era": lazy_gettext("common-era"),
}
_FIX_YEARS = lazy_gettext("Choose the era of the years below, or correct the years.")
_CONFIRM = lazy_gettext("Look at it again, and confirm it if it is right.")
_SAVE_AGAIN = lazy_gettext("Open it in Excel and save it again.")
_CSV_UTF8 = lazy_gettext("In Excel, save it as “CSV UTF-8”, or send the XLSX file itself.")
_STATUS = lazy_gettext("Use a letter of the code list of observation statuses that fits, or leave the column out.")
_PLACE = lazy_gettext("Correct the code: the template has it.")

WORDS: tuple[tuple[str, Any], ...] = (
    # Rows and cells
    ("there is no {role}", lazy_gettext("The %(role)s is missing.")),
    ("fill the cell, or delete the row", lazy_gettext("Fill in the cell, or delete the row.")),
    ("is not a number", lazy_gettext("This is not a number.")),
    (
        "write a number, or leave the cell empty where the value is missing",
        lazy_gettext("Write a number. Where there is no figure, leave the cell empty."),
    ),
    ("is not a plain number", lazy_gettext("This is not a plain number.")),
    (
        "write the number without the sign, in the unit of the indicator",
        lazy_gettext("Write the number without a sign, in the unit of the heading."),
    ),
    ("is infinite", lazy_gettext("This number is too large to be meant.")),
    ("leave the cell empty, or write the value", lazy_gettext("Write the value, or leave the cell empty.")),
    ("could be read as {first} or as {second}", lazy_gettext("It could be read as %(first)s or as %(second)s.")),
    ("write {first} or {second}", lazy_gettext("Write %(first)s or %(second)s.")),
    (
        "could mean thousands or a fraction, since decimals have a comma on line {line}",
        lazy_gettext("It could mean thousands or a fraction: decimals have a comma on line %(line)s."),
    ),
    ("write all decimals of the column one way", lazy_gettext("Write all decimals of the column in one way.")),
    (
        "the same place and period are on line {line} already",
        lazy_gettext("Line %(line)s has this place and year already."),
    ),
    (
        "the same place, indicator and period are on line {line} already",
        lazy_gettext("Line %(line)s has this place, indicator and year already."),
    ),
    ("delete one of the two rows", lazy_gettext("Delete one of the two rows.")),
    (
        "another row gives the same value under another code of the place",
        lazy_gettext("Another row gives the same figure, under another code of the place."),
    ),
    ("the row has {cells}, the header {width}", lazy_gettext("The row has more or fewer cells than the header.")),
    ("give the row as many cells as the header", lazy_gettext("Give the row as many cells as the header has.")),
    (
        "the row has cells beyond the last of the {width} columns that have a name",
        lazy_gettext("The row has cells to the right of the last column with a heading."),
    ),
    ("name the column, or empty the cells", lazy_gettext("Give the column a heading, or empty the cells.")),
    # Years
    ("is not a year that can be meant", lazy_gettext("This cannot be the year.")),
    ("write a year such as 2023 or 2566", lazy_gettext("Write a year such as 2566 or 2023.")),
    (
        "it is no {era} year: {rest}",
        lazy_gettext("It is no %(era)s year. Choose another era below, or correct the heading."),
    ),
    (
        "the file mixes eras: the year on line {line} is of the other one",
        lazy_gettext("The years are in two eras: that on line %(line)s is in the other one."),
    ),
    ("write all years in one era, or say which it is with {options}", _FIX_YEARS),
    (
        "the column names one era, --era {other} another",
        lazy_gettext("The heading says one era, and another one was chosen below."),
    ),
    ("leave --era out", lazy_gettext("Choose “as the file says”.")),
    (
        "nothing says which period the values are of",
        lazy_gettext("Nothing says which year the figures are of."),
    ),
    (
        "name a column period, or say --period",
        lazy_gettext("Choose the year below, or add a column “ปี (พ.ศ.)”."),
    ),
    (
        "the file has a column for the period, and --period is given",
        lazy_gettext("The file has a column of years, and a year was chosen below as well."),
    ),
    ("leave --period out, or map another column", lazy_gettext("Leave the year below empty.")),
    ("{year} has not begun", lazy_gettext("%(year)s has not begun.")),
    (
        "confirm it: are the years right, and their era?",
        lazy_gettext("Are the years right, and their era? Confirm it if they are."),
    ),
    # Columns
    ("the headings stand on line {line}", lazy_gettext("The headings of the columns stand on line %(line)s.")),
    ("delete the lines above them", lazy_gettext("Delete the lines above them, and upload the file again.")),
    ("no column holds the {role}", lazy_gettext("No column has the heading “%(role)s”.")),
    ("name a column {role}, or say --map {rest}", lazy_gettext("Give the column the heading of the template.")),
    ("no column holds an indicator", lazy_gettext("No column has an indicator in its heading.")),
    (
        "name a column for its indicator, or say --map",
        lazy_gettext("Use the headings of the template: each ends with the code of the indicator in brackets."),
    ),
    ("no indicator of this name is known", lazy_gettext("No indicator is known under this name.")),
    (
        "did you mean {like}? {rest}",
        lazy_gettext("Did you mean %(like)s? Use the headings of the template, or delete the column."),
    ),
    (
        "map the column with --map, or leave out what is unknown with --ignore-unknown",
        lazy_gettext("Use the headings of the template, or delete the column."),
    ),
    ("leave out what is unknown with --ignore-unknown", lazy_gettext("Correct the code, or delete the row.")),
    ("is a second column for the {role}", lazy_gettext("This is a second column for the %(role)s.")),
    ("map one of them only", lazy_gettext("Delete one of them.")),
    ("column {number} has no name", lazy_gettext("Column %(number)s has no heading.")),
    ("name it, or delete it", lazy_gettext("Give it a heading, or delete it.")),
    ("the name stands over two columns", lazy_gettext("Two columns have the same heading.")),
    ("rename or delete one of them", lazy_gettext("Rename or delete one of them.")),
    (
        "a wide file cannot say which value a status is of",
        lazy_gettext("A table with a column an indicator cannot have a column of statuses."),
    ),
    (
        "write a long file (place, period, indicator, value, status)",
        lazy_gettext("Delete the column, or write a row for each value."),
    ),
    ("is not an observation status", lazy_gettext("This is not the letter of a status.")),
    (
        "the status is that of a value, and the value is missing",
        lazy_gettext("The status is that of a figure, and the figure is missing."),
    ),
    (
        "the status says that there is no value, and there is one",
        lazy_gettext("The status says that there is no figure, and there is one."),
    ),
    ("write one letter of CL_OBS_STATUS: {rest}", _STATUS),
    ("is not read", lazy_gettext("Files with this content are not read.")),
    ("only {letters} is; convert the file", lazy_gettext("Use the template.")),
    # Places and indicators
    ("no place has this code", lazy_gettext("No place has this code.")),
    ("correct the code, import the place first, {rest}", _PLACE),
    ("{count} places have had this code", lazy_gettext("%(count)s places have had this code.")),
    ("write the code that is in force", lazy_gettext("Write the code that is in force now.")),
    ("the place is a fictional one", lazy_gettext("The place is one of the demonstration, which is made up.")),
    ("real figures are for real places: correct the code", _PLACE),
    ("the place is a real one", lazy_gettext("The place is a real one, and the others are made up.")),
    ("generated figures are for demo places only", lazy_gettext("Made-up figures are for made-up places only.")),
    ("the row is of another place than yours", lazy_gettext("The row is of another place than yours.")),
    (
        "delete the row: a place reports its own figures only",
        lazy_gettext("Delete the row: a place reports its own figures only."),
    ),
    ("the indicator comes from a self-assessment", lazy_gettext("This indicator comes from the self-assessment.")),
    (
        "leave it out, and answer the questionnaire",
        lazy_gettext("Delete the column, and answer the questionnaire instead."),
    ),
    (
        "the indicator is computed from others, never entered",
        lazy_gettext("This indicator is computed from others and never entered."),
    ),
    (
        "leave it out, and give what it is computed from",
        lazy_gettext("Delete the column, and give the figures that it is computed from."),
    ),
    ("is impossible", lazy_gettext("This value is impossible.")),
    ("it should be {limits}", lazy_gettext("It should be %(limits)s. Is it in the unit of the heading?")),
    # Persons
    (
        "this column looks as if it held data about persons or households",
        lazy_gettext("The heading tells of persons or households."),
    ),
    (
        "there are thirteen digits in it, as in the number of a person",
        lazy_gettext("Thirteen digits stand in it, as in the number of an identity card."),
    ),
    (
        "there is a telephone number or an e-mail address in it",
        lazy_gettext("A telephone number or an e-mail address stands in it."),
    ),
    ("it looks like the name of a person", lazy_gettext("It looks like the name of a person.")),
    (
        "take it out: only figures of whole areas are taken",
        lazy_gettext("Take it out: only figures of whole areas are taken."),
    ),
    (
        "take it out; if it is a figure, round it to thousands: then it is taken",
        lazy_gettext("Take it out. If it is a figure, round it to thousands: then it is taken."),
    ),
    # What is to be confirmed
    ("is unusual", lazy_gettext("This value is unusual.")),
    (
        "confirm it: it should be {limits}",
        lazy_gettext("Usual is %(limits)s. Look at it again, and confirm it if it is right."),
    ),
    ("is not a whole number", lazy_gettext("This is not a whole number.")),
    (
        "confirm it: the indicator counts whole things",
        lazy_gettext("The indicator counts whole things. Confirm it if it is right."),
    ),
    ("the indicator is not meant for a {kind}", lazy_gettext("The indicator is not meant for places of this type.")),
    ("confirm it: it is for {kinds}", _CONFIRM),
    (
        "{year} repeats {before} for every place in {names}",
        lazy_gettext("The figures of %(year)s are those of %(before)s in %(names)s."),
    ),
    (
        "ask the source: a year seems to be copied from the one before",
        lazy_gettext("A year seems to be copied from the one before. Confirm it if it is right."),
    ),
    (
        "{count} values are zero in {years}, and next to none in other periods",
        lazy_gettext("%(count)s values are zero in %(years)s, and next to none in other years."),
    ),
    (
        "leave cells empty where the value is missing",
        lazy_gettext("Where there is no figure, leave the cell empty: zero means none."),
    ),
    # The file as a whole
    ("file.{kind} is empty", lazy_gettext("The file, or the sheet that was read, is empty.")),
    ("file.{kind} has a header and no rows", lazy_gettext("The table has headings and no rows.")),
    (
        "file.{kind} is damaged or cut off {rest}",
        lazy_gettext("The file is damaged or cut off. Open it in Excel and save it again."),
    ),
    (
        "file.{kind} holds more than 1 GiB unpacked: split it",
        lazy_gettext("The workbook is too large once unpacked. Split it."),
    ),
    (
        "file.{kind} unpacks to {rest}",
        lazy_gettext("The workbook unpacks to many times its size. Save the data as CSV."),
    ),
    (
        "file.{kind} has {count} columns: at most {most} are read",
        lazy_gettext("The table has %(count)s columns: at most %(most)s are read."),
    ),
    (
        "file.{kind} has no sheet «{sheet}»: it has {others}",
        lazy_gettext("There is no sheet “%(sheet)s”. Choose one below."),
    ),
    (
        "the file is not UTF-8 but UTF-16, or no text at all",
        lazy_gettext("The letters of the file are in a code that is not read."),
    ),
    (
        "the text is not UTF-8: it looks like TIS-620 or Windows-874",
        lazy_gettext("The letters are in the older Thai code of Windows."),
    ),
    (
        "the text is not UTF-8: it is in another encoding, or damaged",
        lazy_gettext("The letters of the file are in a code that is not read."),
    ),
    ("a quotation mark is opened and not closed", lazy_gettext("A quotation mark is opened and not closed.")),
    ("close it, or delete it", lazy_gettext("Close it, or delete it.")),
    (
        "a row is longer than 1 MiB, or a quotation mark is not closed",
        lazy_gettext("A row is very long, or a quotation mark in it is not closed."),
    ),
    ("look at the quotation marks", lazy_gettext("Look at the quotation marks.")),
    ("the text holds a zero byte", lazy_gettext("The file holds something that is no text.")),
    ("save it again as «CSV UTF-8»", _CSV_UTF8),
    (
        "a quotation mark between lines {first} and {last} is not closed, or stands inside a cell",
        lazy_gettext("A quotation mark between lines %(first)s and %(last)s is not closed."),
    ),
    ("write a cell with quotation marks as {rest}", _SAVE_AGAIN),
    # What the reader decided
    (
        "nothing in the file says the era: {low} to {high} read as {era}{rest}",
        lazy_gettext("The file does not say which era its years are in: %(low)s to %(high)s were read as %(era)s."),
    ),
    (
        "nothing in the file says the era: {years} read as {era}, stored as {rest} (--era {options} settles it)",
        lazy_gettext("The file does not say which era its years are in: %(years)s was read as %(era)s."),
    ),
    (
        "nothing in the file says the era: {years} read as {era} (--era {options} settles it)",
        lazy_gettext("The file does not say which era its years are in: %(years)s was read as %(era)s."),
    ),
    (
        "the sheet «{sheet}» was read; others: {others}",
        lazy_gettext("The sheet “%(sheet)s” was read. The others are %(others)s."),
    ),
    (
        "decimal commas were read in {column} (line {line})",
        lazy_gettext("Decimal commas were read in “%(column)s”, for instance on line %(line)s."),
    ),
    ("columns left out: {columns}", lazy_gettext("Columns that were left out: %(columns)s")),
)


def in_words(sentence: str) -> str:
    """A sentence of the reader of files, in the language of the request."""
    return SAID.say(sentence)


def problem_in_words(problem: Problem) -> Problem:
    """The same problem, for the page and for the report that is downloaded from it."""
    entry = application().catalogue.indicators.get(problem.column)
    column = f"{translated(entry.name)} [{problem.column}]" if entry else problem.column
    return replace(problem, reason=in_words(problem.reason), cure=in_words(problem.cure), column=column)


def _said(parts: Mapping[str, str]) -> dict[str, str]:
    """Words of the program among what was found are translated, too."""
    said = {name: str({**ROLES, **ERAS}.get(text, text)) for name, text in parts.items()}
    return said | ({"limits": _limits(said["limits"])} if "limits" in said else {})


def _limits(text: str) -> str:
    """`0.1 to 600 million-baht` as `0.1–600 ล้านบาท`."""
    amounts, _, unit = text.rpartition(" ")
    items = application().catalogue.codelist("units").items
    if unit not in items:
        amounts, unit = text, ""
    for words, sign in (("at least ", "≥ "), ("at most ", "≤ "), (" to ", "–")):
        amounts = amounts.replace(words, sign)
    return f"{amounts} {translated(items[unit].short or items[unit].name) if unit else ''}".rstrip()


SAID = Sentences(WORDS, _said)
