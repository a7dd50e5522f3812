"""The forms and pages of an account, as they are shown at first and again after an error."""

from __future__ import annotations

import secrets
from http import HTTPStatus

from flask import Response, make_response, render_template, request

from quizzer.domain.people import User
from quizzer.services import merging
from quizzer.services.merging import GuestProgress
from quizzer.web import sessions
from quizzer.web.site import get_site

BRING = "bring"  # the choice of a guest who logs in


def look_at(guest: User) -> GuestProgress:
    """Return what a guest has done, or anybody else."""
    site = get_site()
    with site.database.snapshot() as session:
        return merging.look_at_guest(session, user_id=guest.id, now=site.now())


def render_show(name: str | None = None, errors: dict[str, str] | None = None) -> str:
    """Show who this browser is; an account also the guest who was put aside."""
    user = sessions.find_user()
    aside = None if user is None or user.is_guest else sessions.find_aside()
    return render_template(
        "accounts/show.html",
        name=name,
        errors=errors or {},
        aside=look_at(aside) if aside else None,
    )


def render_register(name: str | None = None, errors: dict[str, str] | None = None) -> str:
    """Show the form for a new account, with what was wrong in it."""
    # Tells this form from all others: sent twice, it makes one account.
    form_key = request.form.get("form") or secrets.token_urlsafe(16)
    return render_template(
        "accounts/register.html", name=name, errors=errors or {}, form_key=form_key
    )


def render_login(name: str = "", error: str = "") -> str:
    """Show the form to log in; a guest who did something is asked what becomes of it."""
    user = sessions.find_user()
    progress = look_at(user) if user is not None and user.is_guest else None
    return render_template(
        "accounts/login.html",
        name=name,
        error=error,
        progress=progress if progress and progress.has_any else None,
        wish=request.form.get("guest", BRING),
    )


def render_reset(
    token: str, name: str, errors: dict[str, str], status: int = HTTPStatus.OK
) -> Response:
    """Show the page whose address must not travel on."""
    guest = sessions.find_user()
    progress = look_at(guest) if guest is not None and guest.is_guest else None
    html = render_template(
        "accounts/reset.html",
        token=token,
        name=name,
        errors=errors,
        progress=progress if progress and progress.has_any else None,
        wish=request.form.get("guest", BRING),
    )
    response = make_response(html, status)
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def render_delete(user: User, errors: dict[str, str]) -> str:
    """Say what would be deleted and what would not, and ask for the name."""
    aside = sessions.find_aside()
    return render_template(
        "accounts/delete.html",
        progress=look_at(user),
        aside=look_at(aside) if aside else None,
        errors=errors,
    )
