"""Who may do what at a gate."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What somebody is at the gate."""

    GUARD = "guard"
    TECHNICIAN = "technician"
    SUPERVISOR = "supervisor"


class Right(StrEnum):
    """What a page or a deed asks for."""

    SEE = "see"
    CORRECT = "correct"
    VOID = "void"
    SEE_DEVICES = "see_devices"
    CONFIGURE = "configure"


RIGHTS: dict[Role, frozenset[Right]] = {
    Role.GUARD: frozenset({Right.SEE, Right.CORRECT}),
    Role.TECHNICIAN: frozenset({Right.SEE, Right.SEE_DEVICES, Right.CONFIGURE}),
    Role.SUPERVISOR: frozenset(Right),
}


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who may log in. ``pin``: by digits on the touch screen, else by a password."""

    name: str
    role: Role
    pin: bool = False
    disabled: bool = False

    def may(self, right: Right | str) -> bool:
        """Whether the person's role has a right."""
        return Right(right) in RIGHTS[self.role]
