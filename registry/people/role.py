"""What people may do, by their role.

clerk        completes, reviews and exports reports
supervisor   the same; confirms, overrides what customs answered, keeps the users
auditor      sees everything, with the trail of what people did, and changes nothing
customs      sees reports and their proofs, and changes nothing
system       another system with a token; the token's scopes say at what it works
"""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """What somebody is at this registry."""

    CLERK = "clerk"
    SUPERVISOR = "supervisor"
    AUDITOR = "auditor"
    CUSTOMS = "customs"
    SYSTEM = "system"


class Right(StrEnum):
    """One thing that may be done."""

    SEE = "see"
    WORK = "work"
    OVERRIDE = "override"
    KEEP_USERS = "keep_users"
    SEE_TRAIL = "see_trail"
    SEE_PERSONAL = "see_personal"


RIGHTS = {
    Role.CLERK: frozenset({Right.SEE, Right.WORK}),
    Role.SUPERVISOR: frozenset(
        {Right.SEE, Right.WORK, Right.OVERRIDE, Right.KEEP_USERS, Right.SEE_TRAIL, Right.SEE_PERSONAL}
    ),
    Role.AUDITOR: frozenset({Right.SEE, Right.SEE_TRAIL, Right.SEE_PERSONAL}),
    Role.CUSTOMS: frozenset({Right.SEE}),
    Role.SYSTEM: frozenset({Right.SEE, Right.WORK}),
}
"""The rights of each role."""

OF_PEOPLE = tuple(role for role in Role if role is not Role.SYSTEM)
"""Roles that a user may have."""
