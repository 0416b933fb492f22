"""Templates and addresses compiled once for all sites that a process of tests builds: hundreds, of the same code."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from werkzeug.routing import Rule


class Compiled(BytecodeCache):
    """Kept in memory. Jinja compares the text of the template that each was compiled from."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self.kept:
            bucket.bytecode_from_string(self.kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.kept[bucket.key] = bucket.bytecode_to_string()


def compile_once() -> None:
    Flask.jinja_options = {"bytecode_cache": Compiled()}
    make: Callable[..., Any] = Rule._compile_builder
    kept: dict[object, Any] = {}

    def compile_builder(rule: Rule, append_unknown: bool = True) -> Any:
        """The code that writes the address of a rule. It is made of what the key holds, and bound to the rule later."""
        key = (append_unknown, tuple(rule._trace), frozenset(rule.arguments), repr(rule.defaults))
        if key not in kept:
            kept[key] = make(rule, append_unknown)
        return kept[key]

    Rule._compile_builder = compile_builder  # type: ignore[method-assign]
