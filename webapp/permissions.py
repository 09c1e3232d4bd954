"""Who may do what: the table of roles and permissions."""

from enum import StrEnum

from engine.command import EnginePermission
from webapp.organisation.models import Role


class Permission(StrEnum):
    """What the application's own routes and commands ask for, beside the engine's."""

    SIGNED_IN = "signed_in"  # anybody with an account
    SEE_CASES = "see_cases"  # of one's own unit
    SEE_ALL_CASES = "see_all_cases"  # of every unit
    REPORT_FOR_UNIT = "report_for_unit"  # send the unit's report
    MANAGE_PLANS = "manage_plans"
    RUN_CYCLES = "run_cycles"
    SIGN = "sign"  # the queue of those who countersign and sign
    ISSUE_DOCUMENTS = "issue_documents"  # numbers, dispatch, sending
    ISSUE_CODES = "issue_codes"  # one-time codes for one's people
    MANAGE_CONTACTS = "manage_contacts"  # bodies outside the ward, and who enters for them
    ADMINISTER = "administer"  # units, people, calendar


_EVERYBODY = {Permission.SIGNED_IN, Permission.SEE_CASES, EnginePermission.WORK}
_SEES_ALL = _EVERYBODY | {Permission.SEE_ALL_CASES}

ROLE_PERMISSIONS: dict[Role, frozenset[str]] = {
    Role.STAFF: frozenset(_EVERYBODY),
    Role.HEAD: frozenset(
        _EVERYBODY | {EnginePermission.HAND_OVER, Permission.REPORT_FOR_UNIT, Permission.ISSUE_CODES, Permission.SIGN}
    ),
    Role.FOCAL: frozenset(
        _SEES_ALL
        | {
            Permission.MANAGE_PLANS, Permission.RUN_CYCLES, Permission.MANAGE_CONTACTS,
            EnginePermission.ENTER_FOR_OTHERS,
        }
    ),
    Role.OFFICE: frozenset(_SEES_ALL | {Permission.SIGN, EnginePermission.ENTER_FOR_OTHERS}),
    Role.VICE_CHAIR: frozenset(_SEES_ALL | {Permission.SIGN}),
    Role.CHAIR: frozenset(_SEES_ALL | {Permission.SIGN}),
    Role.CLERK: frozenset(_SEES_ALL | {Permission.ISSUE_DOCUMENTS}),
    Role.ADMIN: frozenset(
        {
            Permission.SIGNED_IN, Permission.SEE_CASES, Permission.SEE_ALL_CASES, Permission.ADMINISTER,
            Permission.MANAGE_CONTACTS, Permission.ISSUE_CODES, EnginePermission.DEPLOY, EnginePermission.OPERATE,
            EnginePermission.MOVE_CLOCK,
        }
    ),
}  # fmt: skip
