"""Why a place has its score, as the page shows it: parts that add up as they are written, and words for peers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from flask_babel import gettext
from markupsafe import Markup

from cityindex import charts
from cityindex.definitions.catalogue import FrameworkEntry, IndicatorEntry
from cityindex.queries.runs.explanations import Explanation, Peers, Piece
from cityindex.web.filters import number, translated
from cityindex.web.places.view import PEERS, name_in
from cityindex.web.session import application

DECIMALS = 2
FEW = 3
"""Strengths and weaknesses that are told in words."""


@dataclass(frozen=True)
class Share:
    """A node or indicator with what it gives, rounded so that shares add up as they are written."""

    name: str
    piece: Piece
    given: float
    indicator: IndicatorEntry | None
    below: Sequence[Share] = ()

    @property
    def shown(self) -> str:
        return number(self.given, DECIMALS)


@dataclass(frozen=True)
class Why:
    """The score of a place taken apart. `strengths` and `weaknesses` are the largest ones, the largest first."""

    total: str
    chart: Markup
    shares: Sequence[Share]
    strengths: Sequence[Share]
    weaknesses: Sequence[Share]
    peers: str
    peer_count: int


def why_of(found: Explanation, entry: FrameworkEntry) -> Why:
    """What `explanation` found, in the words of the framework that the run used."""
    index = found.pieces[0]
    shares = _shares(found.children(index), round(found.score, DECIMALS), entry)
    whole = [_with_indicators(found, share, entry) for share in shares]
    by_effect = sorted(
        (_share(piece, 0.0, entry) for piece in found.indicators(index) if piece.effect),
        key=lambda share: -(share.piece.effect or 0.0),
    )
    total = number(found.score, DECIMALS)
    return Why(
        total=total,
        chart=_chart(shares, found.score, total, entry),
        shares=whole,
        strengths=[share for share in by_effect if (share.piece.effect or 0.0) > 0][:FEW],
        weaknesses=[share for share in reversed(by_effect) if (share.piece.effect or 0.0) < 0][:FEW],
        peers=kind_of(found.peers),
        peer_count=len(found.peers.codes),
    )


def kind_of(peers: Peers) -> str:
    """What the peers have in common: `เทศบาลเมือง, 10,000–19,999 คน`."""
    if not peers.shared:
        return gettext("all ranked places")
    lists = application().catalogue.codelists
    items = [(lists[PEERS[name]].items, code) for name, code in peers.shared]
    return ", ".join(translated(found[code].name) if code in found else code for found, code in items)


def rounded(parts: Sequence[float], total: float) -> list[float]:
    """Parts rounded so that they add up to a rounded total: each runs from one rounded sum to the next."""
    ends = [round(end, DECIMALS) for end in accumulate(parts)]
    return [round(end - start, DECIMALS) for start, end in pairwise([0.0, *ends[:-1], total])]


def _shares(pieces: Sequence[Piece], total: float, entry: FrameworkEntry) -> list[Share]:
    given = rounded([piece.contribution for piece in pieces], total)
    return [_share(piece, part, entry) for piece, part in zip(pieces, given, strict=True)]


def _share(piece: Piece, given: float, entry: FrameworkEntry) -> Share:
    indicator = entry.indicators.get(piece.node.code) if piece.node.is_indicator else None
    return Share(name_in(entry, piece.node.code), piece, given, indicator)


def _with_indicators(found: Explanation, share: Share, entry: FrameworkEntry) -> Share:
    if share.piece.node.is_indicator:
        return share
    below = _shares(found.indicators(share.piece), share.given, entry)
    return Share(share.name, share.piece, share.given, None, below)


def _chart(shares: Sequence[Share], score: float, total: str, entry: FrameworkEntry) -> Markup:
    steps = [charts.Step(share.name, share.given, signed(share.given)) for share in shares]
    said = "; ".join(f"{step.label} {step.shown}" for step in steps)
    caption = charts.Caption(
        gettext("How the score of %(total)s adds up", total=total),
        gettext("%(parts)s; together %(total)s", parts=said, total=total),
    )
    last = charts.Step(gettext("Score"), round(score, DECIMALS), total)
    return Markup(charts.waterfall(steps, last, entry.framework.scale, caption))  # noqa: S704


def signed(value: float) -> str:
    """Points with their sign; none where there are none."""
    return f"{'+' if value > 0 else ''}{number(value, DECIMALS)}"
