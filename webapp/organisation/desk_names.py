"""What people write as their role or title, and the role that it means."""

from __future__ import annotations

import re

from engine.text import fold
from webapp.organisation.labels import COMMITTEE_ROLES
from webapp.organisation.models import Role, UnitKind

# Folded; the first that fits counts. Deputies work as staff: whoever may approve is said outright.
_TITLES = (
    (Role.ADMIN, r"quan tri( vien)?( he thong| phan mem)?$"),
    (Role.CLERK, r"(can bo |nhan vien |cong chuc |chuyen vien )?van thu\b"),
    (Role.FOCAL, r"(.* )?dau moi\b|can bo tong hop\b"),
    (Role.OFFICE, r"van phong\b|(.* )?ky tat\b"),
    (Role.HEAD, r"(quyen )?(truong|thu truong|giam doc|hieu truong|tram truong|doi truong|chi huy truong)\b"),
    (Role.HEAD, r"pho .*phu trach\b"),
    (Role.HEAD, r"(quyen )?(chanh van phong|chu tich|bi thu|lanh dao don vi)\b"),
    (Role.STAFF, r"pho\b|hieu pho\b|chuyen vien|can bo|cong chuc|vien chuc|nhan vien|giao vien|can su|uy vien|thu ky"),
    (Role.STAFF, r"bac si|y si|y ta|dieu duong|duoc si|ke toan|cong an|canh sat|chien si|si quan|ky su|to truong"),
)  # fmt: skip
_HAVE_THE_WARDS_OFFICE = (UnitKind.COMMITTEE, UnitKind.DEPARTMENT)
_COMMITTEE_TITLES = (
    (Role.VICE_CHAIR, r"(pho chu tich|pct)\b"),
    (Role.CHAIR, r"(quyen )?(chu tich|ct)\b"),
)


def desks_of(text: str, kind: UnitKind) -> tuple[tuple[Role, bool], ...] | None:
    """The roles that a title means in a unit of that kind, each with whether it is held there.

    Roles of the committee are held at the committee's own unit; whoever holds one elsewhere is staff of their own unit
    too, unless they head it. Several roles are parted by ";", "/", "+" or "kiêm". None where a part means nothing.
    """
    parts = [part for part in re.split(r"[;/+]| kiêm ", text) if part.strip()]
    roles = [_role(fold(part), kind) for part in parts]
    desks: dict[tuple[Role, bool], None] = {}
    for role in roles:
        if role is None:
            return None
        own = role not in COMMITTEE_ROLES or kind is UnitKind.COMMITTEE
        if not own and Role.HEAD not in roles:
            desks.setdefault((Role.STAFF, True))
        desks[role, own] = None
    return tuple(desks) or None


def _role(title: str, kind: UnitKind) -> Role | None:
    if kind is UnitKind.COMMITTEE or re.search(r"\bubnd\b|uy ban nhan dan", title):
        chair = _first(_COMMITTEE_TITLES, title)
        if chair is not None:
            return chair
    role = _first(_TITLES, title)
    # A school, a centre, the police have a clerk and an office of their own, which issue nothing for the ward.
    of_their_own = role in (Role.CLERK, Role.OFFICE) and kind not in _HAVE_THE_WARDS_OFFICE
    return Role.STAFF if of_their_own else role


def _first(titles: tuple[tuple[Role, str], ...], title: str) -> Role | None:
    return next((role for role, words in titles if re.match(words, title)), None)
