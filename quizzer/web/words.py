"""Filters and functions of the templates: numbers, moments and small marks as words."""

from __future__ import annotations

import re
from datetime import datetime

from flask import Flask, g, request
from flask_wtf.csrf import generate_csrf
from markupsafe import Markup, escape

from quizzer.domain.attempts import RECALL_KEYS
from quizzer.web.calibration import CONFIDENCE_WORDS

_HARDEST = 5
_IN_MINUTES_S = 120  # from then on a time that is left is told in minutes
RECALL_WORDS = dict(zip(RECALL_KEYS, ("Forgot it", "Knew it partly", "Knew it"), strict=True))
_NORM = re.compile(r"\bl(?=\d\b)")  # that of an L1 or L2 penalty
_BACKTICKED = re.compile(r"`([^`]+)`")
_BLANK = re.compile(r'<span class="blank">(_+)(\w+?)(_+)</span>')
_SLOT = (
    r'<span class="blank"><span class="visually-hidden">\1</span>\2'
    r'<span class="visually-hidden">\3</span></span>'
)
_SAID_RIGHT = re.compile(r"\A(?P<start>\s*<p>)Right[.:]\s+(?P<first>\w?)")
_ONE_PARAGRAPH = re.compile(r"\A\s*<p>(?P<inner>(?:(?!<p[ >]|</p>).)*)</p>\s*\Z", re.DOTALL)


def register_words(app: Flask) -> None:
    """Give the templates their filters and functions."""
    app.jinja_env.filters |= {
        "number": format_number,
        "moment": format_moment,
        "day": format_day,
        "time_of_day": format_time,
        "left": format_left,
        "inline": unwrap_paragraph,
        "rich": mark_up,
        "sentence": mark_up_sentence,
        "after_right": drop_right,
        "skill": name_skill,
    }
    app.jinja_env.globals |= {
        "dots": draw_dots,
        "form_token": make_form_token,
        "recall_words": RECALL_WORDS,
        "confidence_words": CONFIDENCE_WORDS,
    }

    @app.context_processor
    def add_page() -> dict[str, object]:
        return {"user": g.get("user"), "here": _find_here()}


def _find_here() -> str:
    """Return the address to come back to: that of a page, not of a form's target."""
    if request.method != "GET":
        return "/"
    return request.full_path if request.query_string else request.path


def format_number(value: float) -> str:
    """Return a number without needless digits: 1, 0.75."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def format_day(moment: datetime) -> str:
    """Return a date."""
    return f"{moment.day} {moment:%b %Y}"


def format_moment(moment: datetime) -> str:
    """Return a date and time of day."""
    return f"{format_day(moment)}, {moment:%H:%M}"


def format_time(moment: datetime) -> str:
    """Return the time of day."""
    return f"{moment:%H:%M}"


def format_left(seconds: int) -> str:
    """Return a time that is left in words, never more than there is: 19 min, 45 s.

    Minutes and seconds with a colon would be read as a time of day; script counts them down.
    """
    return f"{seconds} s" if seconds < _IN_MINUTES_S else f"{seconds // 60} min"


def name_skill(tag: str) -> str:
    """Return the tag of a skill as words: weight decay, L2 penalty."""
    return _NORM.sub("L", tag.replace("-", " "))


def mark_up(html: str) -> Markup:
    """Return rendered HTML for a page.

    Tables get a frame to scroll in on a narrow screen; blanks become slots with their names, whose
    underscores are there to be heard and copied.
    """
    framed = _BLANK.sub(_SLOT, html).replace("<table>", '<div class="scroll"><table>')
    return Markup(framed.replace("</table>", "</table></div>"))  # noqa: S704 - sanitised by the banks


def mark_up_sentence(text: str) -> Markup:
    """Return plain text, a title or a sentence, with what stands in back-ticks as code."""
    escaped = str(escape(text))  # plain text again: a Markup would escape the marks put into it
    return Markup(_BACKTICKED.sub(r"<code>\1</code>", escaped))  # noqa: S704 - escaped


def unwrap_paragraph(html: str) -> Markup:
    """Return rendered HTML; a single paragraph without its tags, so that it fits into a line."""
    match = _ONE_PARAGRAPH.match(html)
    return mark_up(match["inner"] if match else html)


def drop_right(html: str) -> str:
    """Return a rationale as it follows a mark that says already that the response was right."""
    return _SAID_RIGHT.sub(lambda match: match["start"] + match["first"].upper(), html)


def draw_dots(difficulty: int) -> Markup:
    """Return a difficulty from 1 to 5 as dots, with words for screen readers."""
    dots = "●" * difficulty + "○" * (_HARDEST - difficulty)
    return Markup(
        '<span class="dots" aria-hidden="true">{dots}</span>'
        '<span class="visually-hidden">Difficulty {difficulty} of {hardest}</span>'
    ).format(dots=dots, difficulty=difficulty, hardest=_HARDEST)


def make_form_token() -> Markup:
    """Return the hidden field without which no form is taken."""
    if "form_token" not in g:
        field = Markup('<input type="hidden" name="csrf_token" value="{}">')
        g.form_token = field.format(generate_csrf())
    token: Markup = g.form_token
    return token
