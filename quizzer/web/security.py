"""What every answer says to the browser, and under which names the site answers at all.

Run nothing but our files, tell nobody anything; and no page for a name that somebody else made
point here.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from http import HTTPStatus

from flask import Flask, Response, make_response, render_template, request

# Nothing inline, nothing evaluated, nothing from another host. `fragment` is the one policy under
# which app.js may parse pages that this server sent.
_DIRECTIVES = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self'",
    "font-src": "'self'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
    "require-trusted-types-for": "'script'",
    "trusted-types": "fragment",
}
CONTENT_SECURITY_POLICY = "; ".join(f"{name} {value}" for name, value in _DIRECTIVES.items())

HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",  # for browsers that do not know frame-ancestors
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}

_ANY = "*"
_HEALTH = "pages.check_health"  # asked by machines, under whatever name they know

HostRule = Callable[[str], bool]


def add_headers(response: Response) -> Response:
    """Add the headers; a page is for its reader alone and is asked for anew each time."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers.setdefault("Cache-Control", "private, no-cache")
    return response


def guard(app: Flask) -> None:
    """Make every answer of the application carry the headers."""
    app.after_request(add_headers)


def refuse_other_names(app: Flask, *, is_ours: HostRule) -> None:
    """Make the application answer under its own names alone; else by a page that says what to do.

    That page takes no style or script, which would be refused as well, and sets no cookie.

    Args:
        app: the application.
        is_ours: says so of a name, as it stands in `Host` without the port.
    """

    def require_own_name() -> Response | None:
        if request.endpoint == _HEALTH or is_ours(_read_name(request.host)):
            return None
        return make_response(
            render_template("errors/other_name.html"), HTTPStatus.MISDIRECTED_REQUEST
        )

    app.before_request(require_own_name)


def make_host_rule(listens_on: str, hosts: tuple[str, ...]) -> HostRule:
    """Return the rule that says which names are ours.

    This machine's own names for itself always are. With `hosts`, so are these. Without them, on a
    loopback address, nothing else is: a stranger's name can be made to point here, and then their
    page could act as whoever sits at this machine. Elsewhere it is every bare address, for no
    stranger can make one of these point here, and the name that we listen on.
    """
    if _ANY in hosts:
        return lambda _name: True
    if hosts:
        return lambda name: _is_loopback(name) or any(_matches(name, host) for host in hosts)
    if _is_loopback(listens_on):
        return _is_loopback
    return lambda name: _is_loopback(name) or _is_address(name) or name == listens_on.lower()


def _read_name(host: str) -> str:
    """Return the name of a `Host` without its port, in lower case; brackets go as well."""
    name = host.lower().rstrip(".")
    if name.startswith("["):
        return name[1:].partition("]")[0]
    return name.partition(":")[0].rstrip(".")


def _matches(name: str, host: str) -> bool:
    bare = host.strip("[]")
    return name == bare.lstrip(".") or (bare.startswith(".") and name.endswith(bare))


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _is_loopback(name: str) -> bool:
    bare = name.strip("[]").lower()
    if bare == "localhost" or bare.endswith(".localhost"):
        return True
    return _is_address(bare) and ipaddress.ip_address(bare).is_loopback
