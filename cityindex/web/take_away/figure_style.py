"""The styles that figures need where they stand alone: plain CSS, as other drawing programs read it, fonts inside.

Programs other than browsers know no variables, layers or `rem`, so these are worked out here, in light colours.
"""

from __future__ import annotations

import re
from functools import cache

from cityindex.charts.svg import element
from cityindex.web.take_away.paper import STATIC, style_of

ROOT_PIXELS = 16
LAYER = "@layer figures {"
FRAME = (
    ".paper{fill:var(--surface)}.framed text{font-family:var(--face-text);fill:var(--ink)}"
    ".framed>.title{font-size:21px;font-weight:600}.framed>.line{font-size:15px}"
    ".framed>.demo{font-size:15px;font-weight:600;fill:var(--note-ink)}"
    ".framed>.foot{font-size:13px;fill:var(--ink-soft)}.framed .key{stroke:var(--ink);stroke-width:1}"
    ".framed>.key-words{font-size:14px}"
)
PATTERN = (
    '<defs><pattern id="no-data" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    '<rect width="7" height="7" class="hatch-paper"/><line y2="7" class="hatch-line"/></pattern></defs>'
)
"""As in `templates/partials/patterns.html`; a test compares them."""
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_TOKEN = re.compile(r"(--[\w-]+):\s*([^;]+);")
_VARIABLE = re.compile(r"var\((--[\w-]+)\)")
_REM = re.compile(r"([\d.]+)rem\b")
_FACE = re.compile(r'@font-face\s*{[^}]*font-family:\s*"City Text"[^}]*}')


@cache
def standalone_style(*sheets: str) -> str:
    """A `<style>` element and the patterns, for inside of an SVG; `sheets` are more style sheets that it needs."""
    rules = "".join(_figure_rules(_read(f"css/{name}.css")) for name in ("figures", *sheets))
    return element("style", faces() + plain_css(FRAME + rules)) + PATTERN


@cache
def faces() -> str:
    """The fonts of text, as data."""
    return "".join(_FACE.findall(style_of("css/tokens.css")))


def plain_css(css: str) -> str:
    """CSS with the tokens of the light scheme in place of variables, and pixels in place of `rem`."""
    while _VARIABLE.search(css):
        css = _VARIABLE.sub(lambda found: tokens()[found[1]], css)
    return _REM.sub(lambda found: f"{float(found[1]) * ROOT_PIXELS:g}px", css)


@cache
def tokens() -> dict[str, str]:
    """The names of `tokens.css` with what they stand for in the light scheme."""
    light = _read("css/tokens.css").split("@media (prefers-color-scheme: dark)")[0]
    return dict(_TOKEN.findall(light))


def _read(name: str) -> str:
    return _COMMENT.sub("", (STATIC / name).read_text(encoding="utf-8"))


def _figure_rules(css: str) -> str:
    """The rules in `@layer figures { }` of a style sheet."""
    start = css.index(LAYER) + len(LAYER)
    depth, at = 1, start
    while depth:
        depth += {"{": 1, "}": -1}.get(css[at], 0)
        at += 1
    return css[start : at - 1].strip()
