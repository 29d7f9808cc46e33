"""The registry's clerk has a truck read again or voided: the lane does it, under the clerk's name, or says why not."""

from __future__ import annotations

from concurrent.futures import Future
from datetime import UTC, datetime

import pytest

from gateway import remote_deed as remote
from gateway.clerk.act import Act, Deed
from gateway.clerk.refusal import RefusedDeed
from gateway.remote_deed import CannotDo, remote_deed
from record.errors import BadRecord

AT = datetime(2026, 11, 24, 12, tzinfo=UTC)
ASKED = {"lane": "norte", "person": "Leo Paz", "reason": "el chofer se fue sin papeles"}


class FakeLane:
    """Keeps what it is asked, and answers what it was made with; None: never."""

    def __init__(self, answer: Exception | bool | None = True) -> None:
        self.answer, self.acts = answer, list[Act]()

    def moment(self) -> tuple[datetime, float]:
        return AT, 5.0

    def act(self, act: Act) -> Future[None]:
        self.acts.append(act)
        future: Future[None] = Future()
        if isinstance(self.answer, Exception):
            future.set_exception(self.answer)
        elif self.answer:
            future.set_result(None)
        return future


def test_the_lane_does_it_in_the_clerks_name():
    lane = FakeLane()
    assert remote_deed({"norte": lane}, Deed.VOID, {**ASKED, "visit": "v-1"}) == {"lane": "norte"}
    (act,) = lane.acts
    assert act == Act(AT, 5.0, "Leo Paz", "registry", Deed.VOID, ASKED["reason"], visit="v-1")


def test_why_the_lane_refuses_is_handed_on():
    lane = FakeLane(RefusedDeed("", "not_enterable", fields="/document"))
    with pytest.raises(RefusedDeed):
        remote_deed({"norte": lane}, Deed.REREAD, ASKED)


@pytest.mark.parametrize("missing", ["lane", "person", "reason"])
def test_no_deed_without_lane_person_and_reason(missing):
    lane = FakeLane()
    with pytest.raises(BadRecord, match=missing):
        remote_deed(
            {"norte": lane}, Deed.VOID, {key: value for key, value in ASKED.items() if key != missing}
        )
    assert lane.acts == []


def test_a_lane_that_is_not_there_is_named_with_those_that_are():
    with pytest.raises(CannotDo, match="'norte': this gate has este, sur"):
        remote_deed({"sur": FakeLane(), "este": FakeLane()}, Deed.VOID, ASKED)


def test_a_lane_that_hangs_holds_nobody(monkeypatch):
    monkeypatch.setattr(remote, "WITHIN_S", 0.01)
    with pytest.raises(CannotDo, match="no answer"):
        remote_deed({"norte": FakeLane(None)}, Deed.VOID, ASKED)
