"""From an error to a page: one table of class, status and heading.

Each page says whose move it is: the reader's, the author's or ours.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask import Flask, Response, make_response, render_template, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, InternalServerError

from quizzer.errors import (
    BankError,
    ConflictError,
    GradingUnavailableError,
    InvalidResponseError,
    NotFoundError,
    PermissionDeniedError,
    QuizzerError,
    TooManyRequestsError,
)
from quizzer.web.forms import LARGEST_REQUEST_BYTES, read_local_path


@dataclass(frozen=True, slots=True)
class Page:
    """How one class of error is shown. `text` replaces the error's own words if it is not empty."""

    status: int
    heading: str
    text: str = ""


TABLE: dict[type[Exception], Page] = {
    NotFoundError: Page(404, "There is nothing here"),
    ConflictError: Page(409, "That is no longer possible"),
    InvalidResponseError: Page(422, "That could not be taken as it is"),
    PermissionDeniedError: Page(403, "This page is not for you"),
    TooManyRequestsError: Page(429, "That was too much at once"),
    GradingUnavailableError: Page(503, "Grading is not available now"),
    BankError: Page(500, "This content has a mistake of its author's"),
    QuizzerError: Page(500, "Something went wrong on our side"),
    CSRFError: Page(
        400,
        "The form was too old, or not ours",
        "Nothing was stored. Load the page again and send the form once more.",
    ),
    InternalServerError: Page(
        500,
        "Something went wrong on our side",
        "It is not your doing, and what you sent before is safe. It has been written to the log.",
    ),
}

_HTTP = {
    404: Page(404, "There is nothing here", "The address leads nowhere, or to something gone."),
    405: Page(405, "That page takes no such request", "Go back and use the page's own buttons."),
    413: Page(
        413,
        "That was too large",
        f"What is sent may have at most {LARGEST_REQUEST_BYTES // 2**20} MB in all. "
        "Nothing was stored.",
    ),
}


def register_errors(app: Flask) -> None:
    """Make the application answer every error with its page."""
    for error_class in (*TABLE, HTTPException):
        app.register_error_handler(error_class, show_error)


def show_error(error: Exception) -> Response:
    """Return the page of an error."""
    page = _find_page(error)
    text = page.text or str(error)
    body = render_template("errors/error.html", page=page, text=text, back=_find_way_back())
    response = make_response(body, page.status)
    if isinstance(error, TooManyRequestsError):
        response.headers["Retry-After"] = str(error.retry_after_s)
    if isinstance(error, HTTPException) and error.code == 405:  # noqa: PLR2004 - a status
        response.headers.extend(error.get_headers())
    return response


def _find_way_back() -> str:
    """Return the address of our page that led here, or an empty string."""
    came_from = request.referrer or ""
    if not came_from.startswith(request.host_url):
        return ""
    address = read_local_path({"next": "/" + came_from.removeprefix(request.host_url)})
    is_here = request.method == "GET" and address.partition("?")[0] == request.path
    return "" if is_here else address


def _find_page(error: Exception) -> Page:
    for error_class in type(error).__mro__:
        if error_class in TABLE:
            return TABLE[error_class]
    status = error.code if isinstance(error, HTTPException) and error.code else 500
    return _HTTP.get(status) or Page(status, "That did not work", "Go back and try once more.")
