"""The house with one deliberate fault, to show that the chaos would find it.

python -m benchmarks.faults acknowledged ‹gate's arguments›     a row is freed on the broker's PUBACK
python -m benchmarks.faults early ‹registry's arguments›        the receipt goes out before the commit
python -m benchmarks.faults copy ‹gate's arguments›             an older copy is not noticed after a restore
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

GATE, REGISTRY = "gate", "registry"
AHEAD_OF_COMMIT_S = 0.5


def freed_on_puback() -> None:
    """What the broker has acknowledged counts as received."""
    from gateway.link import delivery
    from gateway.outbox.outbox import State

    delivery.State = _Acknowledged(State)  # type: ignore[assignment, misc]


class _Acknowledged:
    """`State` whose *acknowledged* is *received*."""

    def __init__(self, states: type) -> None:
        self._states = states

    def __getattr__(self, name: str) -> object:
        return getattr(self._states, "RECEIVED" if name == "ACKNOWLEDGED" else name)


def receipt_before_commit() -> None:
    """The registry answers, waits a little, and then stores."""
    from registry import receiving, service
    from registry.database import writing
    from registry.intake import examine
    from registry.store import Batch

    class Undone(Exception):
        pass

    def early(self: object, batch: list[service.Delivery]) -> None:
        receiver: receiving.Receiver = self._receiver  # type: ignore[attr-defined]
        findings = [examine(delivery.arrival, receiver._roster) for delivery in batch]
        try:
            with writing(receiver._engine) as connection:
                decided = Batch(connection, receiver._key, receiver._clock(), findings)
                results = [decided.decide(finding) for finding in findings]
                raise Undone
        except Undone:
            pass
        self._answer(results)  # type: ignore[attr-defined]
        self._acknowledge(batch)  # type: ignore[attr-defined]
        time.sleep(AHEAD_OF_COMMIT_S)
        receiver.receive([delivery.arrival for delivery in batch])

    service.Service._handle = early  # type: ignore[method-assign, assignment]


def copy_not_noticed() -> None:
    """Heads are not compared, and a place that is taken is a refusal like any other."""
    from gateway.link import delivery
    from gateway.link.standing import Standing

    delivery.standing = lambda outbox, state: Standing.TOGETHER
    delivery.is_taken = lambda receipt: False


FAULTS: dict[str, tuple[str, Callable[[], None]]] = {
    "acknowledged": (GATE, freed_on_puback),
    "early": (REGISTRY, receipt_before_commit),
    "copy": (GATE, copy_not_noticed),
}


def main() -> None:
    name, *arguments = sys.argv[1:]
    where, spoil = FAULTS[name]
    spoil()
    if where == GATE:
        from gateway.cli import main as gate

        gate(arguments)
    else:
        from registry.cli import main as registry

        registry(arguments)


if __name__ == "__main__":
    main()
