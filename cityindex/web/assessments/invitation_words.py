"""What may be wrong with a list of people to invite, in the reader's words."""

from __future__ import annotations

from flask_babel import lazy_gettext

WORDS = {
    "email": lazy_gettext("E-mail address"),
    "role": lazy_gettext("Role"),
    "place": lazy_gettext("Place"),
    "this is not an e-mail address": lazy_gettext("this is not an e-mail address"),
    "write one such as name@example.go.th": lazy_gettext("write one such as name@example.go.th"),
    "there is no place with this code": lazy_gettext("there is no place with this code"),
    "look it up on the page of the place": lazy_gettext("look it up on the page of the place"),
    "this person has this role in a row above": lazy_gettext("this person has this role in a row above"),
    "leave one of the rows out": lazy_gettext("leave one of the rows out"),
    "you may not give this role here": lazy_gettext("you may not give this role here"),
    "ask an administrator of the site to do it": lazy_gettext("ask an administrator of the site to do it"),
    "there is no such role": lazy_gettext("there is no such role"),
    "write one of the roles of the template": lazy_gettext("write one of the roles of the template"),
    "this role is held for the whole site": lazy_gettext("this role is held for the whole site"),
    "leave the place out": lazy_gettext("leave the place out"),
    "this role is held for a place": lazy_gettext("this role is held for a place"),
    "write the code of the place": lazy_gettext("write the code of the place"),
    "this role is held for a province, and this place is none": lazy_gettext(
        "this role is held for a province, and this place is none"
    ),
    "write the two digits of the province": lazy_gettext("write the two digits of the province"),
    "this column is missing": lazy_gettext("this column is missing"),
    "take the template": lazy_gettext("take the template"),
    "no file was chosen": lazy_gettext("no file was chosen"),
    "choose an XLSX or CSV file": lazy_gettext("choose an XLSX or CSV file"),
    "the file is larger than 2 MB": lazy_gettext("the file is larger than 2 MB"),
    "send it in parts": lazy_gettext("send it in parts"),
    "the file cannot be read as a table": lazy_gettext("the file cannot be read as a table"),
}
"""By the words of the service, which the command line shows."""


def said(text: str) -> str:
    return str(WORDS.get(text, text))
