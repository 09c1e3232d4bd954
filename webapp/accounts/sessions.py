"""A person's session in a browser."""

from urllib.parse import urlsplit
from uuid import UUID

from flask import current_app, request, session, url_for
from werkzeug.exceptions import HTTPException

from engine.command import EnginePermission
from webapp.identity import CurrentPerson
from webapp.navigation import PLACES
from webapp.permissions import Permission
from webapp.security import PUBLIC


def start(person_id: UUID, tenant_id: UUID, epoch: int, *, with_code: bool) -> None:
    """Begin a new session; nothing of the one before goes on."""
    session.clear()
    session.permanent = True
    session["person_id"] = str(person_id)
    session["tenant_id"] = str(tenant_id)
    session["epoch"] = epoch
    if with_code:
        session["with_code"] = True


def came_with_code() -> bool:
    """Whether this session began with a one-time code: its person need not know a password to set one."""
    return bool(session.get("with_code"))


def go_on(epoch: int) -> None:
    """Keep this session where the person's others have ended."""
    session["epoch"] = epoch
    session.pop("with_code", None)


def same_site_path(address: str | None) -> str | None:
    """A path of this site to return to; None for anything that could lead away from it."""
    if not address or not address.startswith("/") or address[1:2] in ("/", "\\"):
        return None
    if any(character <= " " or character == "\\" for character in address):
        return None
    return address


def came_from() -> str | None:
    """The page of ours that the request was sent from."""
    parts = urlsplit(request.referrer or "")
    if parts.netloc != request.host:
        return None
    return same_site_path(f"{parts.path}?{parts.query}" if parts.query else parts.path)


def allowed_for(person: CurrentPerson, address: str) -> bool:
    """Whether a page may be read by the person as they act now."""
    try:
        endpoint, _ = current_app.url_map.bind("").match(urlsplit(address).path, method="GET")
    except HTTPException:
        return False
    permissions = getattr(current_app.view_functions[endpoint], "permissions", ())
    return PUBLIC in permissions or any(person.may(permission) for permission in permissions)


def home_of(person: CurrentPerson | None) -> str:
    """The first place that the person has; an administrator's is what the ward still lacks."""
    if person is None:
        return url_for("accounts.sign_in")
    if person.may(Permission.ADMINISTER) and not person.may(EnginePermission.WORK):
        return url_for("organisation.setup")
    places = (place for place in PLACES if person.may(place.permission))
    return next(
        (url_for(p.endpoint) for p in places if p.endpoint in current_app.view_functions), url_for("accounts.show")
    )
