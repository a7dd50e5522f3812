"""Choosing a name, making an account, logging in and out."""

from __future__ import annotations

from http import HTTPStatus

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from quizzer.errors import ConflictError, InvalidResponseError
from quizzer.services import accounts
from quizzer.web import sessions
from quizzer.web.site import get_site

blueprint = Blueprint("accounts", __name__, url_prefix="/account")

Answer = str | Response | tuple[str, int]


@blueprint.get("/")
def show() -> str:
    """Show who this browser is."""
    return render_template("accounts/show.html", errors={})


@blueprint.get("/register")
def show_register() -> Answer:
    """Show the form for a new account; whoever has one is led to it."""
    if _has_account():
        return redirect(url_for("accounts.show"), 303)
    return render_template("accounts/register.html", errors={})


@blueprint.post("/register")
def register() -> Answer:
    """Make an account; a guest keeps what they did. What cannot be taken shows the form again."""
    if _has_account():
        flash("You have an account already. Log out first to make another one.")
        return redirect(url_for("accounts.show"), 303)
    guest, site = sessions.find_user(), get_site()
    try:
        user = accounts.register(
            site.database,
            name=request.form.get("name", ""),
            password=request.form.get("password", ""),
            guest_id=guest.id if guest else None,
            now=site.now(),
        )
    except (InvalidResponseError, ConflictError) as error:
        return _show_again("register", error)
    sessions.remember(user)
    flash(f"Welcome, {user.name}. Your progress is kept with your account.")
    return redirect(url_for("pages.home"), 303)


@blueprint.get("/login")
def show_login() -> str:
    """Show the form to log in."""
    return render_template("accounts/login.html")


@blueprint.post("/login")
def log_in() -> Answer:
    """Log in; a wrong password shows the form again."""
    site = get_site()
    user = accounts.log_in(
        site.database,
        name=request.form.get("name", ""),
        password=request.form.get("password", ""),
        address=request.remote_addr or "",
        now=site.now(),
    )
    if user is None:
        flash("Name and password do not belong together. Try again.")
        return render_template("accounts/login.html", name=request.form.get("name", "")), 422
    sessions.remember(user)
    return redirect(url_for("pages.home"), 303)


@blueprint.post("/logout")
def log_out() -> Response:
    """Log out here, or end every session of this user."""
    user = sessions.find_user()
    if user is not None and request.form.get("everywhere") == "yes":
        with get_site().database.transaction() as session:
            accounts.log_out_everywhere(session, user_id=user.id, now=get_site().now())
    sessions.forget()
    flash("You are logged out.")
    return redirect(url_for("pages.home"), 303)


@blueprint.post("/name")
def change_name() -> Answer:
    """Change what somebody is called; a visitor becomes a guest of that name."""
    site, name = get_site(), request.form.get("name", "")
    before = sessions.find_user()
    try:
        with site.database.transaction() as session:
            if before is None:
                user = accounts.make_guest(session, name=name, now=site.now())
            else:
                user = accounts.change_name(session, user_id=before.id, name=name)
    except (InvalidResponseError, ConflictError) as error:
        return _show_again("show", error)
    sessions.remember(user)
    flash(f"You are {user.name} now.")
    return redirect(url_for("pages.home"), 303)


def _has_account() -> bool:
    user = sessions.find_user()
    return user is not None and not user.is_guest


def _show_again(page: str, error: InvalidResponseError | ConflictError) -> Answer:
    """Show a form again with what was typed, the password apart, and the message at its field.

    The one conflict that a name can have is that it is taken.
    """
    is_invalid = isinstance(error, InvalidResponseError)
    field = error.field if isinstance(error, InvalidResponseError) else "name"
    html = render_template(
        f"accounts/{page}.html",
        name=request.form.get("name", ""),
        errors={field: str(error)},
    )
    return html, HTTPStatus.UNPROCESSABLE_ENTITY if is_invalid else HTTPStatus.CONFLICT
