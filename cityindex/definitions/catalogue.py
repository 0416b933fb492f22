"""What the definition files say, as frozen records: the nouns that pages, services and exports read."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from cityindex.assessment.questionnaire import Questionnaire
from cityindex.assessment.risk import Contradiction
from cityindex.definitions.fingerprint import sha256
from cityindex.errors import NotFound, Problem
from cityindex.scoring.framework import Framework, Indicator

if TYPE_CHECKING:
    from cityindex.definitions.agreements import Agreement
    from cityindex.definitions.feeds import Feed
    from cityindex.definitions.mappings import Mapping as SourceMapping

T = TypeVar("T")
NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Text:
    """Words in both languages of the platform."""

    th: str
    en: str

    def get(self, language: str) -> str:
        """The words in `language` (`th`, `en`, or a locale such as `th_TH`); Thai where it is neither."""
        return self.en if language.lower().startswith("en") else self.th


@dataclass(frozen=True, slots=True)
class Source:
    """Where something comes from, and under what licence."""

    name: Text
    url: str | None = None
    licence: Text | None = None


@dataclass(frozen=True, slots=True)
class Verified:
    """Who or what confirmed an entry, and when. An entry without it is shown as not yet verified."""

    on: datetime.date
    by: str


@dataclass(frozen=True, slots=True)
class PublicTarget:
    """A value that somebody in charge has set for an indicator, in its unit; never one of ours.

    In force from the year `start` on (always, where it is None), or to be reached by the year `by`; common era.
    """

    value: float
    name: Text
    source: Source
    start: int | None = None
    by: int | None = None
    verified: Verified | None = None


@dataclass(frozen=True)
class IndicatorEntry:
    """An indicator with all that is said about it; `indicator` is the part that the engine computes with.

    `content` is what the file says, as it was read; from it the canonical text of a framework is made.
    """

    indicator: Indicator
    name: Text
    definition: Text | None = None
    unit: str | None = None
    source: Source | None = None
    frequency: str | None = None
    aligned_to: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    verified: Verified | None = None
    theme: str | None = None
    targets: tuple[PublicTarget, ...] = ()
    file: str = ""
    line: int = 0
    content: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @property
    def code(self) -> str:
        return self.indicator.code


@dataclass(frozen=True)
class FrameworkEntry:
    """A framework with its words, the entries of its indicators and the canonical text that a run stores.

    `names` holds the names of nodes by code, `level_names` those of the maturity ladder, `band_names` those of the
    bands. `canonical` is a self-contained definition in JSON; `fingerprint` is its SHA-256.
    """

    kind: ClassVar[str] = "framework"
    framework: Framework
    name: Text
    names: Mapping[str, Text]
    indicators: Mapping[str, IndicatorEntry]
    canonical: str
    description: Text | None = None
    owner: Text | None = None
    level_names: Mapping[str, Text] = field(default_factory=dict)
    band_names: Mapping[str, Text] = field(default_factory=dict)
    file: str = ""
    warnings: tuple[Problem, ...] = ()

    @property
    def code(self) -> str:
        return self.framework.code

    @property
    def version(self) -> str:
        return self.framework.version

    @cached_property
    def fingerprint(self) -> str:
        return sha256(self.canonical)

    def node_name(self, code: str) -> Text:
        """The name of a node or of an indicator of this framework. Raises `NotFound`."""
        if code in self.indicators:
            return self.indicators[code].name
        return _find(self.names, code, "node")


@dataclass(frozen=True, slots=True)
class QuestionWords:
    """What a question says: levels by number, options by code. `unit` is a code of the list of units."""

    text: Text
    help: Text | None = None
    levels: Mapping[int, Text] = field(default_factory=dict)
    options: Mapping[str, Text] = field(default_factory=dict)
    evidence: Text | None = None
    unit: str | None = None


@dataclass(frozen=True)
class QuestionnaireEntry:
    """A questionnaire with its words and the canonical text that a round stores.

    `names` and `descriptions` are of sections, `words` of questions, by code. `fingerprint` is the SHA-256 of
    `canonical`.
    """

    kind: ClassVar[str] = "questionnaire"
    questionnaire: Questionnaire
    name: Text
    names: Mapping[str, Text]
    words: Mapping[str, QuestionWords]
    canonical: str
    descriptions: Mapping[str, Text] = field(default_factory=dict)
    description: Text | None = None
    owner: Text | None = None
    file: str = ""

    @property
    def code(self) -> str:
        return self.questionnaire.code

    @property
    def version(self) -> str:
        return self.questionnaire.version

    @cached_property
    def fingerprint(self) -> str:
        return sha256(self.canonical)

    def words_of(self, question: str) -> QuestionWords:
        """The words of a question. Raises `NotFound`."""
        return _find(self.words, question, "question")


@dataclass(frozen=True, slots=True)
class ContradictionEntry:
    """Answers that do not go together, with what a reviewer is told."""

    contradiction: Contradiction
    words: Text


@dataclass(frozen=True, slots=True)
class StrategyItem:
    """One element of a strategy, plan or set of goals. `parent` is a code of any vocabulary."""

    code: str
    name: Text
    vocabulary: str
    parent: str | None = None
    note: Text | None = None
    verified: Verified | None = None
    source: Source | None = None


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """A strategy, plan or set of goals with its items, in the order of the file."""

    code: str
    name: Text
    source: Source
    items: Mapping[str, StrategyItem]
    description: Text | None = None


@dataclass(frozen=True, slots=True)
class CodelistItem:
    """One code of a list; `start` is where a band begins (`from` in the file), `members` are codes of another list."""

    code: str
    name: Text
    short: Text | None = None
    aliases: tuple[str, ...] = ()
    group: str | None = None
    parent: str | None = None
    note: Text | None = None
    members: tuple[str, ...] = ()
    start: float | None = None


@dataclass(frozen=True)
class Codelist:
    """A list of codes, in the order of the file."""

    code: str
    name: Text
    items: Mapping[str, CodelistItem]

    def resolve(self, written: str) -> str:
        """The code for a code or alias as somebody wrote it; `_`, `-`, blanks and case make no difference.

        Raises `NotFound`.
        """
        return _find(self._by_spelling, spelling(written), f"code of {self.code}", written)

    def group(self, name: str) -> tuple[str, ...]:
        """The codes of a group, e.g. the three municipal types for `municipality`; empty where there is none."""
        return tuple(item.code for item in self.items.values() if item.group == name)

    @cached_property
    def _by_spelling(self) -> Mapping[str, str]:
        return {
            spelling(word): item.code for item in self.items.values() for word in (*reversed(item.aliases), item.code)
        }


@dataclass(frozen=True, slots=True)
class ReportedFigure:
    """A figure that a programme's owner has published about it, on a date, with where it was read."""

    figure: Text
    value: Text | float
    on: datetime.date | Text
    source: Source
    note: Text | None = None
    counts: str | None = None
    """The figure of the page of results that it stands beside."""
    verified: Verified | None = None
    """None: nobody has found it elsewhere."""


@dataclass(frozen=True, slots=True)
class ReportedList:
    """Figures that somebody has published together."""

    code: str
    name: Text
    figures: tuple[ReportedFigure, ...]


@dataclass(frozen=True, slots=True)
class Programme:
    """A programme or network that places are members of."""

    code: str
    name: Text
    description: Text | None = None
    owner: Text | None = None
    membership: Text | None = None
    framework: str | None = None
    questionnaire: str | None = None
    report_every_years: float | None = None
    source: Source | None = None
    reported: tuple[ReportedFigure, ...] = ()


@dataclass(frozen=True)
class Catalogue:
    """Every definition of the project, checked. Immutable; lookups raise `NotFound`."""

    indicators: Mapping[str, IndicatorEntry]
    frameworks: Mapping[str, FrameworkEntry]
    vocabularies: Mapping[str, Vocabulary]
    codelists: Mapping[str, Codelist]
    programmes: Mapping[str, Programme]
    themes: Mapping[str, Text]
    fingerprint: str
    warnings: tuple[Problem, ...] = ()
    questionnaires: Mapping[str, QuestionnaireEntry] = field(default_factory=dict)
    contradictions: Mapping[str, tuple[ContradictionEntry, ...]] = field(default_factory=dict)
    """By the code of the questionnaire."""
    agreements: Mapping[str, Agreement] = field(default_factory=dict)
    reported: Mapping[str, ReportedList] = field(default_factory=dict)
    feeds: Mapping[str, Feed] = field(default_factory=dict)
    mappings: Mapping[str, SourceMapping] = field(default_factory=dict)

    def indicator(self, code: str) -> IndicatorEntry:
        return _find(self.indicators, code, "indicator")

    def framework(self, code: str) -> FrameworkEntry:
        return _find(self.frameworks, code, "framework")

    def questionnaire(self, code: str) -> QuestionnaireEntry:
        return _find(self.questionnaires, code, "questionnaire")

    def questionnaires_for(self, framework: str) -> tuple[QuestionnaireEntry, ...]:
        """The questionnaires whose answers a framework scores."""
        return tuple(one for one in self.questionnaires.values() if one.questionnaire.framework == framework)

    def vocabulary(self, code: str) -> Vocabulary:
        return _find(self.vocabularies, code, "vocabulary")

    def codelist(self, code: str) -> Codelist:
        return _find(self.codelists, code, "code list")

    def programme(self, code: str) -> Programme:
        return _find(self.programmes, code, "programme")

    def agreement(self, code: str) -> Agreement:
        return _find(self.agreements, code, "agreement")

    def feed(self, code: str) -> Feed:
        return _find(self.feeds, code, "feed")

    def mapping(self, code: str) -> SourceMapping:
        return _find(self.mappings, code, "mapping")

    def strategy_item(self, code: str) -> StrategyItem:
        return _find(self._strategy_items, code, "strategy code")

    def place_type(self, written: str) -> str:
        """The code of a place type from any of its aliases: `city_municipality`, `เทศบาลนคร` -> `city-municipality`."""
        return self.codelist("place-types").resolve(written)

    def aligned_with(self, code: str) -> tuple[IndicatorEntry, ...]:
        """The indicators that are aligned with a strategy code, in the order of the files; none for a code unused."""
        return tuple(self.indicators[name] for name in self._aligned.get(code, ()))

    def frameworks_using(self, indicator: str) -> tuple[FrameworkEntry, ...]:
        """The frameworks that score an indicator or compute another one from it."""
        return tuple(entry for entry in self.frameworks.values() if indicator in entry.indicators)

    def of_theme(self, theme: str) -> tuple[IndicatorEntry, ...]:
        return tuple(entry for entry in self.indicators.values() if entry.theme == theme)

    def fed(self, but: str = "") -> frozenset[str]:
        """Indicators that come through a feed; those of the feed `but` are left out."""
        found: set[str] = set()
        for code, one in self.feeds.items():
            found |= one.indicators if code != but else set()
        return frozenset(found)

    @cached_property
    def answered(self) -> frozenset[str]:
        """The indicators that a questionnaire asks for: their values are verified answers."""
        asked = (question for entry in self.questionnaires.values() for question in entry.questionnaire.questions)
        return frozenset(question.code for question in asked if question.measured)

    @cached_property
    def _strategy_items(self) -> Mapping[str, StrategyItem]:
        return {code: item for vocabulary in self.vocabularies.values() for code, item in vocabulary.items.items()}

    @cached_property
    def _aligned(self) -> Mapping[str, list[str]]:
        found: dict[str, list[str]] = {}
        for entry in self.indicators.values():
            for code in entry.aligned_to:
                found.setdefault(code, []).append(entry.code)
        return found


def spelling(word: str) -> str:
    """What is compared when a code or alias is looked up: `_`, `-`, blanks and case make no difference."""
    return word.strip().casefold().replace("_", "-").replace(" ", "-")


def _find(known: Mapping[str, T], code: str, what: str, written: str | None = None) -> T:
    if code in known:
        return known[code]
    from difflib import get_close_matches

    close = get_close_matches(code, known, n=1)
    hint = f"; did you mean {close[0]}?" if close else ""
    raise NotFound(f"there is no {what} {written or code}{hint}")
