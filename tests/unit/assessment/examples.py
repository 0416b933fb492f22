"""A small questionnaire with a question of every kind, and any questionnaire with any answers for property tests."""

from __future__ import annotations

from hypothesis import strategies as st

from cityindex.assessment.conditions import AllOf, AnyOf, AtLeast, Condition, Is, IsNot, Not, Value
from cityindex.assessment.questionnaire import (
    KINDS,
    NO_VALUE,
    Evidence,
    Question,
    Questionnaire,
    Section,
)

TOWN, CITY = "town-municipality", "city-municipality"
LADDER = (0, 1, 2, 3, 4, 5)

POLICY = Question("policy", "rubric", LADDER, evidence=Evidence(from_level=2), crosswalk={"DGA": ("policy",)})
WEBSITE = Question("website", "yes-no", evidence=Evidence(), crosswalk={"DGA": ("service",), "LOSI": ("1",)})
UPTIME = Question(
    "uptime", "number", bounds=(0, 100), decimals=1, show_if=Is("website", "yes"), permits=("do-not-know",)
)
HOST = Question(
    "host", "choice", options=("own", "rented"), show_if=AtLeast("uptime", 90), crosswalk={"LOSI": ("1", "2")}
)
SYSTEMS = Question("systems", "multiple-choice", options=("tax", "payroll"), permits=("not-applicable",))
REMARKS = Question("remarks", "text", applies_to=(CITY,))
SMALL = Questionnaire(
    "small",
    "1",
    "maturity",
    (TOWN, CITY),
    (Section("governance", (POLICY,)), Section("service", (WEBSITE, UPTIME, HOST, SYSTEMS, REMARKS))),
)
UNKNOWN = st.sampled_from(NO_VALUE)
PLACES = st.sampled_from((TOWN, CITY))


def values(question: Question) -> st.SearchStrategy[Value]:
    """Any answer to a question."""
    if question.kind == "number":
        return st.one_of(st.floats(0, 5), UNKNOWN)
    if question.kind == "text":
        return st.text(min_size=1, max_size=5)
    if question.kind == "multiple-choice":
        chosen = st.sets(st.sampled_from(question.options), min_size=1)
        return chosen.map(lambda those: tuple(option for option in question.options if option in those))
    return st.sampled_from(question.values)


def conditions(earlier: tuple[Question, ...]) -> st.SearchStrategy[Condition]:
    """Any condition over earlier questions."""

    def compare(question: Question) -> st.SearchStrategy[Condition]:
        value = values(question).map(lambda one: one[0] if isinstance(one, tuple) else one)
        least = st.integers(0, 5).map(lambda level: AtLeast(question.code, level))
        return st.one_of(*(value.map(lambda one, form=form: form(question.code, one)) for form in (Is, IsNot)), least)

    several = lambda one: st.lists(one, min_size=1, max_size=3).map(tuple)  # noqa: E731
    return st.recursive(
        st.sampled_from(earlier).flatmap(compare),
        lambda one: st.one_of(one.map(Not), several(one).map(AnyOf), several(one).map(AllOf)),
        max_leaves=4,
    )


@st.composite
def questionnaires(draw: st.DrawFn) -> Questionnaire:
    """Any questionnaire of up to nine questions in three sections, each of which may hang on earlier ones."""
    asked: list[Question] = []
    for number in range(draw(st.integers(1, 9))):
        kind = draw(st.sampled_from(KINDS))
        asked.append(
            Question(
                f"q{number}",
                kind,
                levels=LADDER if kind == "rubric" else (),
                options=("a", "b", "c") if kind in ("choice", "multiple-choice") else (),
                evidence=draw(st.none() | st.builds(Evidence, st.integers(0, 5))),
                show_if=draw(st.none() | conditions(tuple(asked))) if asked else None,
                applies_to=draw(st.sampled_from((None, (TOWN,), (CITY,)))),
                permits=NO_VALUE,
            )
        )
    sections = tuple(Section(f"s{start}", tuple(asked[start : start + 3])) for start in range(0, len(asked), 3))
    return Questionnaire("any", "1", "any", None, sections)


@st.composite
def answered(draw: st.DrawFn) -> tuple[Questionnaire, dict[str, Value]]:
    """Any questionnaire with answers to some of its questions, whether they apply or not."""
    questionnaire = draw(questionnaires())
    chosen = draw(st.lists(st.sampled_from(questionnaire.questions), unique=True))
    return questionnaire, {question.code: draw(values(question)) for question in chosen}
