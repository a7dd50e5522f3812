"""Fragments to HTML: normaliser, Python-Markdown, sanitiser, formulas.

Nothing from a fragment reaches a page but through `nh3`, save MathML, which is checked where it is
made. Raw HTML in a fragment is text, except for a few tags that have no attributes.
"""

from __future__ import annotations

import html
import re
import threading
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from functools import lru_cache

import nh3
from markdown import Markdown
from markdown.extensions import Extension
from markdown.extensions.sane_lists import SaneListExtension
from markdown.extensions.tables import TableExtension
from markdown.inlinepatterns import InlineProcessor
from markdown.preprocessors import Preprocessor
from markdown.util import AtomicString
from pygments.token import STANDARD_TYPES
from pymdownx.betterem import BetterEmExtension
from pymdownx.highlight import HighlightExtension
from pymdownx.superfences import SuperFencesCodeExtension

from quizzer.banks.fences import BLANK
from quizzer.banks.formulas import FORMULA, FormulaError, render_formula
from quizzer.banks.fragments import FIGURE, MAX_CHARACTERS, is_safe
from quizzer.banks.normaliser import normalise
from quizzer.domain.items import Text

INLINE_TAGS = ("kbd", "sub", "sup", "br", "mark", "s")
_RAW_TAG = rf"<(/?)({'|'.join(INLINE_TAGS)}) */?>"
_MATH_SPAN = re.compile(r'<span class="(math|math-display)">([^<]*)</span>')
_TEXT_OR_TAG = re.compile(r"(<[^>]*>)")
_TAGS = {
    *("p", "br", "hr", "em", "strong", "code", "pre", "a", "img", "blockquote", "ul", "ol", "li"),
    *("h1", "h2", "h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td"),
    *("span", "div", *INLINE_TAGS),
}
_ATTRIBUTES = {
    "a": {"href", "title"},
    "img": {"src", "alt", "title"},
    "ol": {"start"},
    "th": {"align"},
    "td": {"align"},
}
_CLASSES: Mapping[str, set[str]] = {
    "div": {"highlight"},
    "code": {"highlight"},
    "span": {"math", "math-display", *(name for name in STANDARD_TYPES.values() if name)},
}
_local = threading.local()


class _Normalise(Preprocessor):
    """Runs before everything else: afterwards the original lines are gone."""

    def run(self, lines: list[str]) -> list[str]:
        return normalise(lines)


class _Formula(InlineProcessor):
    """Keeps a formula as text in a span of its own, away from emphasis and escapes."""

    def handleMatch(  # type: ignore[override] # noqa: N802 - the library's name and its looser type
        self, m: re.Match[str], data: str
    ) -> tuple[ET.Element, int, int]:
        del data
        is_display = m[1] is not None
        element = ET.Element("span", {"class": "math-display" if is_display else "math"})
        element.text = AtomicString(m[1] or m[2])
        return element, m.start(0), m.end(0)


class _Literal(InlineProcessor):
    """Keeps what it matches as it is written."""

    def handleMatch(  # type: ignore[override] # noqa: N802 - as above
        self, m: re.Match[str], data: str
    ) -> tuple[str, int, int]:
        del data
        return self.md.htmlStash.store(html.escape(m[0])), m.start(0), m.end(0)


class _InlineTag(InlineProcessor):
    """Lets a tag of the short list through; every other `<` is text."""

    def handleMatch(  # type: ignore[override] # noqa: N802 - as above
        self, m: re.Match[str], data: str
    ) -> tuple[str, int, int]:
        del data
        return self.md.htmlStash.store(f"<{m[1]}{m[2]}>"), m.start(0), m.end(0)


class FragmentExtension(Extension):
    """What fragments have over plain Markdown, and raw HTML, which they have not."""

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 - the library's name
        """Register the processors."""
        md.preprocessors.register(_Normalise(md), "quizzer-normalise", 100)
        md.preprocessors.deregister("html_block")
        md.inlinePatterns.deregister("html")
        md.inlinePatterns.register(_InlineTag(_RAW_TAG, md), "quizzer-tag", 90)
        # Code spans (190) come first, backslash escapes (180) and emphasis later.
        md.inlinePatterns.register(_Formula(FORMULA.pattern, md), "quizzer-formula", 187)
        md.inlinePatterns.register(_Literal(BLANK.pattern, md), "quizzer-blank", 185)
        md.ESCAPED_CHARS.append("$")
        # Definitions of links and titles do not cross fragments, so there are none.
        md.parser.blockprocessors.deregister("reference")


def _get_markdown() -> Markdown:
    """Return this thread's converter; one converter serves one thread."""
    if not hasattr(_local, "markdown"):
        _local.markdown = Markdown(
            extensions=[
                TableExtension(use_align_attribute=True),
                SaneListExtension(),
                BetterEmExtension(),
                HighlightExtension(css_class="highlight", guess_lang=False, use_pygments=True),
                SuperFencesCodeExtension(disable_indented_code_blocks=False),
                FragmentExtension(),
            ]
        )
    markdown: Markdown = _local.markdown
    return markdown


def render_text(text: Text) -> str:
    """Turn a fragment into HTML that may stand in any page.

    The result depends on the source alone and is kept. A formula that cannot be shown appears as
    its source in `<code class="math-error">`; a fragment beyond the limits appears as plain text.
    """
    return _render(text.source)


@lru_cache(maxsize=50_000)
def _render(source: str) -> str:
    if not is_safe(source):
        return f"<pre>{html.escape(source[:MAX_CHARACTERS])}</pre>"
    markdown = _get_markdown()
    try:
        raw = markdown.reset().convert(source)
    except RecursionError:
        return f"<pre>{html.escape(source)}</pre>"
    return _mark_blanks(_MATH_SPAN.sub(_convert_formula, sanitise(raw)))


def sanitise(raw: str) -> str:
    """Return `raw` without anything that is not on the lists of tags, attributes and classes."""
    return nh3.clean(
        raw,
        tags=_TAGS,
        clean_content_tags=set(),
        attributes=_ATTRIBUTES,
        allowed_classes=dict(_CLASSES),
        attribute_filter=_filter_attribute,
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer",
    )


def _filter_attribute(tag: str, attribute: str, value: str) -> str | None:
    """Keep images only where they are figures of a lesson."""
    if tag == "img" and attribute == "src" and not FIGURE.match(value):
        return None
    return value


def _convert_formula(found: re.Match[str]) -> str:
    latex = html.unescape(found[2]).strip()
    try:
        return render_formula(latex, is_display=found[1] == "math-display")
    except FormulaError as error:
        return f'<code class="math-error" title="{html.escape(str(error))}">{found[2]}</code>'


def _mark_blanks(rendered: str) -> str:
    """Wrap every `___name___` in the text of the page, also inside highlighted code."""
    if "___" not in rendered:
        return rendered
    parts = _TEXT_OR_TAG.split(rendered)
    return "".join(
        part if part.startswith("<") else BLANK.sub(r'<span class="blank">\g<0></span>', part)
        for part in parts
    )
