"""Choosing a name, making an account, logging in and out, passwords, and one's own data."""

from __future__ import annotations

import json
from http import HTTPStatus

from flask import (
    Blueprint,
    Response,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from werkzeug.wrappers import Response as AnyResponse

from quizzer.domain.people import User
from quizzer.errors import ConflictError, InvalidResponseError, TooManyRequestsError
from quizzer.services import accounts, leaving, merging, resetting
from quizzer.web import account_pages, sessions
from quizzer.web.site import get_site

blueprint = Blueprint("accounts", __name__, url_prefix="/account")

Answer = str | AnyResponse | tuple[str, int]
# What a browser that others use too must not keep; cookies of colours and the like stay.
_CLEARED, _CLEARED_BESIDE_GUEST = '"cache", "storage"', '"cache"'


@blueprint.after_request
def keep_nowhere(response: Response) -> Response:
    """Let no cache keep what these pages say: going back after a log-out must not show it."""
    response.headers.setdefault("Cache-Control", "private, no-store")
    return response


@blueprint.get("/")
def show() -> str:
    """Show who this browser is."""
    return account_pages.render_show()


@blueprint.get("/register")
def show_register() -> Answer:
    """Show the form for a new account; whoever has one is led to it."""
    if _has_account():
        return redirect(url_for("accounts.show"), 303)
    return account_pages.render_register()


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
            form_key=request.form.get("form", ""),
            address=request.remote_addr or "",
        )
    except (InvalidResponseError, ConflictError) as error:
        errors, status = _explain(error)
        return account_pages.render_register(
            name=request.form.get("name", ""), errors=errors
        ), status
    sessions.remember(user)
    flash("Your account is made. Your progress is kept with it.")
    return redirect(url_for("pages.home"), 303)


@blueprint.get("/login")
def show_login() -> str:
    """Show the form to log in; a guest is told what becomes of what they did, and chooses."""
    return account_pages.render_login()


@blueprint.post("/login")
def log_in() -> Answer:
    """Log in; a wrong password shows the form again, and so does having to wait, with the time."""
    site, guest = get_site(), sessions.find_user()
    name = request.form.get("name", "")
    try:
        user = accounts.log_in(
            site.database,
            name=name,
            password=request.form.get("password", ""),
            address=request.remote_addr or "",
            now=site.now(),
        )
    except TooManyRequestsError as error:
        return _ask_to_wait(error, account_pages.render_login(name=name, error=str(error)))
    if user is None:
        flash("Name and password do not belong together. Try again.")
        return account_pages.render_login(name=name), HTTPStatus.UNPROCESSABLE_ENTITY
    _enter(user, guest)
    return redirect(url_for("pages.home"), 303)


@blueprint.post("/logout")
def log_out() -> AnyResponse:
    """Log out here, or end every session of this user."""
    user, site = sessions.find_user(), get_site()
    if user is not None and request.form.get("everywhere") == "yes":
        with site.database.transaction() as session:
            accounts.log_out_everywhere(session, user_id=user.id, now=site.now())
    sessions.forget()
    return _say_goodbye("accounts.show_out")


@blueprint.get("/out")
def show_out() -> Answer:
    """Say that this browser is logged out; whoever is not is led to their own page."""
    return _render_out(is_deleted=False)


@blueprint.get("/gone")
def show_gone() -> Answer:
    """Say that everything was deleted, as `show_out`."""
    return _render_out(is_deleted=True)


@blueprint.post("/guest")
def bring_guest() -> AnyResponse:
    """Bring what was put aside at the log-in into the account after all."""
    user, guest = sessions.get_user(), sessions.find_aside()
    if guest is None:
        raise ConflictError("Nothing that was done as a guest waits in this browser.")
    _bring(user, guest)
    sessions.drop_aside()
    sessions.take_drafts(guest)
    flash("What you did as a guest is in your account now.")
    return redirect(url_for("accounts.show"), 303)


@blueprint.post("/name")
def change_name() -> Answer:
    """Change what somebody is called; a visitor becomes a guest of that name."""
    site, name = get_site(), request.form.get("name", "")
    before = sessions.find_user()
    try:
        with site.database.transaction() as session:
            if before is None:
                user = accounts.make_guest(
                    session, name=name, now=site.now(), address=request.remote_addr or ""
                )
            else:
                user = accounts.change_name(session, user_id=before.id, name=name)
    except (InvalidResponseError, ConflictError) as error:
        errors, status = _explain(error)
        return account_pages.render_show(name=name, errors=errors), status
    sessions.remember(user)
    flash(f"You are {user.name} now.")
    return redirect(url_for("pages.home"), 303)


@blueprint.get("/password")
def show_password() -> Answer:
    """Show the form for another password; a guest is led to where they get their first."""
    if not _has_account():
        return redirect(url_for("accounts.show_register"), 303)
    return render_template("accounts/password.html", errors={})


@blueprint.post("/password")
def change_password() -> Answer:
    """Change the password; every other browser is logged out."""
    user, site = sessions.get_user(), get_site()
    try:
        _require_same(request.form.get("new", ""), request.form.get("again", ""))
        changed = accounts.change_password(
            site.database,
            user=user,
            old=request.form.get("old", ""),
            new=request.form.get("new", ""),
            address=request.remote_addr or "",
            now=site.now(),
        )
    except InvalidResponseError as error:
        errors, status = _explain(error)
        return render_template("accounts/password.html", errors=errors), status
    except TooManyRequestsError as error:
        errors = {"old": str(error)}
        return _ask_to_wait(error, render_template("accounts/password.html", errors=errors))
    sessions.remember(changed, is_renewed=True)
    flash("Your password is changed. Other browsers in which you were logged in are logged out.")
    return redirect(url_for("accounts.show"), 303)


@blueprint.get("/reset/<token>")
def show_reset(token: str) -> AnyResponse:
    """Show the form for a new password to whoever has the link; looking does not use it up."""
    site = get_site()
    with site.database.snapshot() as session:
        owner = resetting.get_user_of_token(session, token=token, now=site.now())
    return account_pages.render_reset(token, owner.name, {})


@blueprint.post("/reset/<token>")
def reset(token: str) -> AnyResponse:
    """Set the new password, log in here, and log out everywhere else."""
    site, guest = get_site(), sessions.find_user()
    try:
        _require_same(request.form.get("password", ""), request.form.get("again", ""))
        user = resetting.reset_password(
            site.database,
            token=token,
            password=request.form.get("password", ""),
            now=site.now(),
        )
    except InvalidResponseError as error:
        with site.database.snapshot() as session:
            owner = resetting.get_user_of_token(session, token=token, now=site.now())
        errors, status = _explain(error)
        return account_pages.render_reset(token, owner.name, errors, status)
    _enter(user, guest)
    flash(f"Your new password is set, {user.name}. You are logged in here and nowhere else.")
    return redirect(url_for("pages.home"), 303)


@blueprint.get("/export")
def export() -> Response:
    """Send everything that is stored about this user, as a file."""
    user, site = sessions.get_user(), get_site()
    now = site.now()
    data = leaving.export(site.database, user_id=user.id, now=now)
    response = Response(json.dumps(data, ensure_ascii=False, indent=1), mimetype="application/json")
    response.headers["Content-Disposition"] = f'attachment; filename="quizzer-{now:%Y-%m-%d}.json"'
    return response


@blueprint.get("/delete")
def show_delete() -> str:
    """Say what would be deleted, and ask for the name."""
    return account_pages.render_delete(sessions.get_user(), {})


@blueprint.post("/delete")
def delete() -> Answer:
    """Delete this user with everything that is theirs."""
    user, site = sessions.get_user(), get_site()
    try:
        leaving.leave(
            site.database,
            user=user,
            typed_name=request.form.get("name", ""),
            password=request.form.get("password", ""),
            address=request.remote_addr or "",
            now=site.now(),
        )
    except InvalidResponseError as error:
        errors, status = _explain(error)
        return account_pages.render_delete(user, errors), status
    except TooManyRequestsError as error:
        return _ask_to_wait(error, account_pages.render_delete(user, {"password": str(error)}))
    sessions.forget()
    return _say_goodbye("accounts.show_gone")


def _has_account() -> bool:
    user = sessions.find_user()
    return user is not None and not user.is_guest


def _require_same(password: str, again: str) -> None:
    if password != again:
        raise InvalidResponseError(
            "The two do not agree. Please type the new password twice.", field="again"
        )


def _enter(user: User, guest: User | None) -> None:
    """Log in; what was done here as a guest comes along or is put aside, as was chosen.

    Whoever was not asked, because they became a guest in another tab, loses nothing by it.
    """
    sessions.end()
    if guest is None or not guest.is_guest:
        sessions.remember(user, is_renewed=True)
        return
    wish, has_any = request.form.get("guest", ""), account_pages.look_at(guest).has_any
    if wish == account_pages.BRING or not has_any:
        _bring(user, guest)
        sessions.remember(user, is_renewed=True)
        sessions.take_drafts(guest)
        if has_any:
            flash("What you did here as a guest is in your account now.")
        return
    sessions.remember(user, is_renewed=True)
    sessions.put_aside(guest)
    flash(
        "What you did here as a guest is kept apart, and is back when you log out. "
        "To have it in your account, go to the page under your name."
    )


def _bring(user: User, guest: User) -> None:
    site = get_site()
    with site.database.transaction() as session:
        merging.merge_guest(
            session,
            site.library.current(),
            guest_id=guest.id,
            account_id=user.id,
            now=site.now(),
        )


def _say_goodbye(endpoint: str) -> AnyResponse:
    """Lead to a last page, and have the browser remove what others must not find in it."""
    response = redirect(url_for(endpoint), 303)
    is_back = sessions.find_user() is not None
    response.headers["Clear-Site-Data"] = _CLEARED_BESIDE_GUEST if is_back else _CLEARED
    return response


def _render_out(*, is_deleted: bool) -> Answer:
    if _has_account():
        return redirect(url_for("accounts.show"), 303)
    return render_template("accounts/out.html", is_deleted=is_deleted)


def _ask_to_wait(error: TooManyRequestsError, html: str) -> AnyResponse:
    response = make_response(html, HTTPStatus.TOO_MANY_REQUESTS)
    response.headers["Retry-After"] = str(error.retry_after_s)
    return response


def _explain(error: InvalidResponseError | ConflictError) -> tuple[dict[str, str], int]:
    """Return the message at its field, and the status.

    The one conflict that a form here can have is that a name is taken.
    """
    if isinstance(error, InvalidResponseError):
        return {error.field: str(error)}, HTTPStatus.UNPROCESSABLE_ENTITY
    return {"name": str(error)}, HTTPStatus.CONFLICT
