"""What the reader of files says is said on the page in its words, in both languages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from cityindex.errors import Invalid, Problem
from cityindex.formats.observations import ReadOptions, read_observations
from cityindex.formats.problems import Problems
from cityindex.services.observations.rules import check_values
from cityindex.services.observations.suspicions import warn_of_suspicions
from cityindex.web.imports.words import WORDS, in_words, problem_in_words
from tests.integration.recording import ENTRIES

HEAD = "place,period,indicator,value\n"
BAD = [
    HEAD + "4500101,2023,roads,x\n",
    HEAD + "4500101,2023,roads,50%\n",
    HEAD + "4500101,2023,roads,inf\n",
    HEAD + '4500101,2023,roads,"1,234"\n',
    'place;period;roads\n1;2023;"1,5"\n2;2023;1.234\n',
    HEAD + ",2023,roads,1\n",
    HEAD + "4500101,,roads,1\n",
    HEAD + "4500101,2023,,1\n",
    HEAD + "4500101,2023,rods,1\n",
    HEAD + "4500101,2023,zzzzzzzz,1\n",
    HEAD + "4500101,999,roads,1\n",
    HEAD + "4500101,2023,roads,1\n4500101,2566,roads,1\n",
    HEAD + "4500101,2023,roads,1\n4500101,2023,roads,2\n",
    HEAD + "4500101,2023,roads\n",
    HEAD + "4500101,2023,roads,101\n4500101,2022,roads,5\n4500101,2021,people,1.5\n4500101,2021,per_head,1\n",
    HEAD + "4500101,2099,roads,50\n",
    "place,period,roads\n1,2023,1\n1,2023,2\n",
    "place,period,roads,other\n1,2023,1,2\n",
    "place,period,rods\n1,2023,1\n",
    "period,roads\n2023,1\n",
    "place,period\n1,2023\n",
    "place,roads\n1,1\n",
    "place,year,period,roads\n1,2023,2023,1\n",
    "place,period,roads,roads\n1,2023,1,1\n",
    "place,period,,roads\n1,2023,1,1\n",
    "place,period,roads,status\n1,2023,1,A\n",
    "place,period,indicator,value,status\n1,2023,roads,1,?\n2,2023,roads,1,M\n3,2023,roads,,A\n",
    "REF_AREA,INDICATOR,TIME_PERIOD,OBS_VALUE,FREQ\n1,roads,2023,1,M\n",
    "place,period\n",
    '"place,period\n1,2\n',
    "place,period_be,roads\n1,2023,1\n",
    "place,period,roads,citizen_id\n1,2023,1,\n",
    "place,period,roads,note\n1,2023,1,1-1037-00123-45-8\n1,2023,1,081-234-5678\n1,2023,1,นายสมชาย ใจดี\n",
]


def problems_of(path: Path) -> list[Problem]:
    """All that is wrong or unusual in a file, in the words of its reader."""
    try:
        table = read_observations(path, ReadOptions(indicators=ENTRIES, guarded=True))
    except Invalid as error:
        return list(error.problems) or [Problem(str(error), "")]
    problems, warnings = Problems(), Problems()
    check_values(table, [ENTRIES[code] for code in table.indicators], problems, warnings)
    warn_of_suspicions(table, warnings)
    return [*problems.kept, *warnings.kept, *(Problem(note, "") for note in table.notes)]


@pytest.mark.parametrize("text", BAD)
def test_what_is_wrong_is_said_in_thai(client: FlaskClient, tmp_path: Path, text: str) -> None:
    path = tmp_path / "file.csv"
    path.write_text(text, encoding="utf-8")
    found = problems_of(path)
    assert found
    with client.application.test_request_context("/th/"):
        for problem in found:
            said = problem_in_words(problem)
            assert re.search("[ก-๙]", said.reason), problem
            assert not said.cure or re.search("[ก-๙]", said.cure), problem
    with client.application.test_request_context("/en/"):
        for problem in found:
            said = problem_in_words(problem)
            assert "--" not in said.reason + said.cure, said  # no options of commands
            assert "%(" not in said.reason + said.cure, said


@pytest.mark.parametrize("content", ["ราย,ชื่อ\n".encode("cp874"), "รหัส,ชื่อ\n".encode("utf-16"), b"a,b\n\xff\xff\xfe,1\n"])
def test_letters_that_are_not_read(client: FlaskClient, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "file.csv"
    path.write_bytes(content)
    with client.application.test_request_context("/th/"):
        for problem in problems_of(path):
            assert re.search("[ก-๙]", problem_in_words(problem).reason), problem


def test_what_was_found_stands_in_the_words(client: FlaskClient) -> None:
    with client.application.test_request_context("/en/"):
        assert in_words("there is no place") == "The place code is missing."
        assert in_words("the same place and period are on line 12 already") == (
            "Line 12 has this place and year already."
        )
        assert in_words("something new 100%") == "something new 100%"


def test_each_sentence_has_the_holes_of_its_words(client: FlaskClient) -> None:
    with client.application.test_request_context("/th/"):
        for sentence, words in WORDS:
            holes = set(re.findall(r"\{(\w+)\}", sentence))
            assert set(re.findall(r"%\((\w+)\)s", str(words))) <= holes, sentence
