"""From checked blocks to records. Nothing is checked here: what arrives has passed the schema and the checks."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

from cityindex.definitions.catalogue import (
    Codelist,
    CodelistItem,
    IndicatorEntry,
    Programme,
    PublicTarget,
    ReportedFigure,
    ReportedList,
    Source,
    StrategyItem,
    Text,
    Verified,
    Vocabulary,
)
from cityindex.definitions.yaml_ import Block
from cityindex.scoring.framework import Bands, Framework, Indicator, Leaf, Level, Method, Node, Rule

RULES = ("fill", "treat", "impute", "normalise")
PLAIN = ("code", "direction", "status", "formula", "denominator", "per", "decimals", "transform", "round", "period")


def words(value: Any) -> Text:
    """Words in both languages; plain words stand for both."""
    return Text(value, value) if isinstance(value, str) else Text(value["th"], value["en"])


def text(value: Any) -> Text | None:
    return None if value is None else words(value)


def text_of(block: Block, code: str) -> Text:
    """The name of what a block defines, or its code where it has none."""
    return words(block.get("name", code))


def source(value: Any) -> Source:
    """A source written in full, or as one line."""
    if isinstance(value, str):
        return Source(words(value), url=value if value.startswith(("http://", "https://")) else None)
    return Source(words(value["name"]), value.get("url"), text(value.get("licence")))


def verified(value: Any) -> Verified | None:
    return Verified(value["on"], value["by"]) if isinstance(value, Block) else None


def rule(block: Block | None) -> Rule | None:
    """The rule of a block with `method` and options."""
    if block is None:
        return None
    return Rule(block["method"], frozen({key: value for key, value in block.items() if key != "method"}))


def frozen(value: Any) -> Any:
    """The same content that nobody can change."""
    if isinstance(value, Mapping):
        return MappingProxyType({key: frozen(child) for key, child in value.items()})
    return tuple(frozen(child) for child in value) if isinstance(value, list) else value


def indicator(block: Block) -> Indicator:
    """The part of an indicator that the engine computes with."""
    options: dict[str, Any] = {key: block[key] for key in PLAIN if key in block}
    options |= {key: rule(block[key]) for key in RULES if key in block}
    options |= {key: tuple(block[key]) for key in ("bounds", "expected", "applies_to") if key in block}
    options["type"] = block.get("type", "derived" if "formula" in block else "measured")
    return Indicator(inherits_from=block.get("inherits_from"), **options)


def indicator_entry(block: Block, theme: str | None = None) -> IndicatorEntry:
    return IndicatorEntry(
        indicator=indicator(block),
        name=text_of(block, block["code"]),
        definition=text(block.get("definition")),
        unit=block.get("unit"),
        source=source(block["source"]) if "source" in block else None,
        frequency=block.get("frequency"),
        aligned_to=tuple(block.get("aligned_to", ())),
        tags=tuple(block.get("tags", ())),
        verified=verified(block.get("verified")),
        theme=theme,
        targets=tuple(map(public_target, block.get("targets", ()))),
        file=block.where.file,
        line=block.where.line,
        content=block,
    )


def public_target(block: Block) -> PublicTarget:
    return PublicTarget(
        value=float(block["value"]),
        name=words(block["name"]),
        source=source(block["source"]),
        start=block.get("from"),
        by=block.get("by"),
        verified=verified(block["verified"]),
    )


def framework(block: Block, indicators: Iterable[Block]) -> Framework:
    """The engine's framework from its block and those of the indicators that it needs."""
    options: dict[str, Any] = {key: block[key] for key in ("version", "period") if key in block}
    options |= {key: tuple(block[key]) for key in ("places", "peers") if key in block}
    if "scale" in block:
        options["scale"] = (float(block["scale"][0]), float(block["scale"][1]))
    return Framework(
        code=block["framework"],
        tree=node(block["tree"]),
        indicators=MappingProxyType({one["code"]: indicator(one) for one in indicators}),
        method=method(block.get("method", {})),
        bands=bands(block.get("bands")),
        levels=tuple(Level(level["code"], float(level["from"])) for level in block.get("levels", ())),
        uncertainty=frozen(block.get("uncertainty", {})),
        **options,
    )


def node(block: Block) -> Node:
    options: dict[str, Any] = {key: block[key] for key in ("missing", "direction", "round") if key in block}
    return Node(
        code=block["code"],
        children=tuple(leaf(child) if "indicator" in child else node(child) for child in block["children"]),
        weight=float(block.get("weight", 1)),
        weights=weights(block.get("weights")),
        aggregate=rule(block.get("aggregate")),
        coverage=coverage(block.get("coverage")),
        nonpositive=nonpositive(block.get("nonpositive")),
        rescale=rule(block.get("rescale")),
        **options,
    )


def leaf(block: Block) -> Leaf:
    return Leaf(block["indicator"], float(block.get("weight", 1)))


def method(block: Mapping[str, Any]) -> Method:
    """The defaults of a framework; what its file does not say is as the engine has it."""
    usual = Method()
    options: dict[str, Any] = {key: rule(block[key]) for key in (*RULES, "aggregate") if key in block}
    if "order" in block:
        options["order"] = tuple(block["order"])
    if "screen" in block:
        options["screen"] = Rule("share", frozen({**usual.screen.options, **block["screen"]}))
    if "rank" in block:
        written = block["rank"]
        options["rank"] = Rule(written.get("ties", "min"), frozen({"decimals": written.get("decimals")}))
    return Method(
        coverage=coverage(block.get("coverage")) or usual.coverage,
        nonpositive=nonpositive(block.get("nonpositive")),
        missing=block.get("missing", usual.missing),
        **options,
    )


def coverage(value: Any) -> Rule | None:
    """`0.66` is a share of the weights, `{count: 0.66}` of the children."""
    if value is None:
        return None
    if isinstance(value, Block):
        return Rule("count", frozen({"share": value["count"]}))
    return Rule("weight", frozen({"share": value}))


def nonpositive(value: Any) -> Rule | None:
    if value is None:
        return None
    return Rule("floor", frozen(value)) if isinstance(value, Block) else Rule(value)


def weights(value: Any) -> Rule | None:
    """`equal`, `{pca: first}` as `Rule("pca", {"variant": "first"})`, `{optimise: balance}` likewise."""
    if value is None or isinstance(value, str):
        return Rule(value) if value else None
    [name] = set(value) - {"negative"}
    negative = {"negative": value["negative"]} if "negative" in value else {}
    return Rule(name, frozen({"variant": value[name], **negative}))


def bands(block: Block | None) -> Bands | None:
    if block is None:
        return None
    names = tuple(band(name) for name in block["names"])
    cuts, share = (tuple(map(float, block[key])) if key in block else None for key in ("cuts", "share"))
    return Bands(names, cuts, share)


def band(name: Any) -> str:
    """What the engine calls a band: its name, or the English one of two."""
    return words(name).en


def vocabulary(block: Block) -> Vocabulary:
    items = {item["code"]: strategy_item(item, block["vocabulary"]) for item in block["items"]}
    described = text(block.get("description"))
    return Vocabulary(
        block["vocabulary"], words(block["name"]), source(block["source"]), MappingProxyType(items), described
    )


def strategy_item(block: Block, vocabulary: str) -> StrategyItem:
    return StrategyItem(
        code=block["code"],
        name=text_of(block, block["code"]),
        vocabulary=vocabulary,
        parent=block.get("parent"),
        note=text(block.get("note")),
        verified=verified(block["verified"]),
        source=source(block["source"]) if "source" in block else None,
    )


def codelist(block: Block) -> Codelist:
    items = {item["code"]: codelist_item(item) for item in block["items"]}
    return Codelist(block["codelist"], words(block["name"]), MappingProxyType(items))


def codelist_item(block: Block) -> CodelistItem:
    return CodelistItem(
        code=block["code"],
        name=text_of(block, block["code"]),
        short=text(block.get("short")),
        aliases=tuple(block.get("aliases", ())),
        group=block.get("group"),
        parent=block.get("parent"),
        note=text(block.get("note")),
        members=tuple(block.get("members", ())),
        start=block.get("from"),
    )


def programme(block: Block) -> Programme:
    return Programme(
        code=block["programme"],
        name=text_of(block, block["programme"]),
        description=text(block.get("description")),
        owner=text(block.get("owner")),
        membership=text(block.get("membership")),
        framework=block.get("framework"),
        questionnaire=block.get("questionnaire"),
        report_every_years=block.get("report_every_years"),
        source=source(block["source"]) if "source" in block else None,
        reported=tuple(reported(figure) for figure in block.get("reported", ())),
    )


def reported(block: Block) -> ReportedFigure:
    return ReportedFigure(
        figure=words(block["figure"]),
        value=block["value"] if isinstance(block["value"], int | float) else words(block["value"]),
        on=block["on"] if isinstance(block["on"], datetime.date) else words(block["on"]),
        source=source(block["source"]),
        note=text(block.get("note")),
        counts=block.get("counts"),
        verified=verified(block.get("verified")),
    )


def reported_list(block: Block) -> ReportedList:
    return ReportedList(block["reported"], words(block["name"]), tuple(reported(one) for one in block["figures"]))
