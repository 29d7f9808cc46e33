"""What other systems do to reports: they fill in what a gate could not know, and bring what customs has answered.

    POST /v1/reports/{id}/complete     If-Match: "7"    {"values": {"/items/0/packages": 1080}, "reason": …}
    POST /v1/reports/{id}/answer       If-Match: "9"    {"outcome": "rejected", "reference": …, "faults": [{…}]}

Whoever writes says which version they have read; where it is another by then, nothing happens (412). Review and export
stay with a person: it is a person who answers to customs.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt, StringConstraints

from record.messages import Phrase
from registry.api.answer import IfMatch, matched, refusals
from registry.api.caller import Answerer, Completer, Guarded
from registry.api.models import Detail
from registry.api.reports import ReportId, whole
from registry.reports.book import Stale
from registry.reports.completion import LONGEST_REASON, Asked, BadFields
from registry.reports.office import NoReport, NotAllowed, NotNow
from registry.reports.state import What
from registry.web.desk import AtDesk
from registry.web.problem import Problem

router = APIRouter(prefix="/v1/reports", tags=["reports"], route_class=Guarded)

MOST_FIELDS = 400
Pointer = Annotated[str, StringConstraints(max_length=64)]
Text = Annotated[str, StringConstraints(max_length=2000, strict=True)]
Reason = Annotated[str, StringConstraints(max_length=LONGEST_REASON, strict=True)]


class Document(BaseModel):
    """A base document."""

    model_config = ConfigDict(extra="forbid")

    type: Text = Field(examples=["DAE"])
    number: Text = Field(examples=["02820264000123456"])


Value = Text | StrictBool | StrictInt | Annotated[list[Text], Field(max_length=20)] | Document | None


class Filling(BaseModel):
    """Values by field; all of them are taken, or none. Null says nothing of a field any more."""

    model_config = ConfigDict(extra="forbid")

    values: Annotated[dict[Pointer, Value], Field(min_length=1, max_length=MOST_FIELDS)] = Field(
        description="by JSON Pointer into `payload`", examples=[{"/items/0/packages": 1080}]
    )
    reason: Reason = Field(default="", description="needed where a value of the gate is replaced")


class Fault(BaseModel):
    """One row of customs' list of errors."""

    model_config = ConfigDict(extra="forbid")

    code: Annotated[str, StringConstraints(max_length=32, strict=True)] = ""
    text: Annotated[str, StringConstraints(max_length=400, strict=True)]


class Answered(BaseModel):
    """What customs has decided about a report that was exported or sent. A rejection takes a fault or a reason."""

    model_config = ConfigDict(extra="forbid")

    outcome: Literal["approved", "rejected"]
    reference: Annotated[str, StringConstraints(max_length=64, strict=True)] = Field(
        default="", description="customs' own number of the answer"
    )
    faults: Annotated[list[Fault], Field(max_length=100)] = []
    reason: Reason = ""


@router.post("/{report}/complete", response_model=Detail, responses=refusals(400, 404, 409, 412, 413, 428))
def complete_report(
    request: Request, desk: AtDesk, caller: Completer, report: ReportId, asked: Filling, match: IfMatch = None
) -> Response:
    """Fill in fields of a draft, as a person does at the console. The token needs `reports:write`.

    The gate's values stay beside. A weight or count far from the gate's waits until a person has confirmed it.
    """
    version = matched(match)
    texts = {where: written(value) for where, value in asked.values.items()}
    try:
        desk.office.complete(report, version, caller.who, Asked(texts, reason=asked.reason))
    except BadFields as error:
        raise Problem(422, "fields_bad", what=_told(error.problems)) from None
    except (Stale, NoReport, NotAllowed, NotNow) as error:
        raise refused(error) from error
    return whole(request, desk, caller, report)


@router.post("/{report}/answer", response_model=Detail, responses=refusals(400, 404, 409, 412, 413, 428))
def answer_report(
    request: Request, desk: AtDesk, caller: Answerer, report: ReportId, asked: Answered, match: IfMatch = None
) -> Response:
    """Bring customs' answer to a report that left by another way. The token needs `answers:write`.

    What somebody has said otherwise already stays (409): a supervisor decides at the console.
    """
    version = matched(match)
    faults = [{"code": each.code, "text": each.text} for each in asked.faults]
    words = [asked.reason, *(f"{each.code} {each.text}".strip() for each in asked.faults)]
    reason = "; ".join(each for each in (" ".join(each.split()) for each in words) if each)
    if any(not letter.isprintable() for letter in reason + asked.reference):
        raise Problem(422, "fields_bad", what=Phrase("console.value.invisible"))
    what = What.APPROVED if asked.outcome == "approved" else What.REJECTED
    detail: Mapping[str, Any] = {"answer": asked.reference, "faults": faults}
    try:
        desk.office.do(report, version, caller.who, what, reason, detail)
    except (Stale, NoReport, NotAllowed, NotNow) as error:
        raise refused(error) from error
    return whole(request, desk, caller, report)


def written(value: Value) -> str:
    """A value of JSON as a form would have it typed."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case list():
            return ", ".join(value)
        case Document():
            return f"{value.type} {value.number}"
        case _:
            return str(value)


def refused(error: Exception) -> Problem:
    """Why a deed was not done."""
    match error:
        case Stale():
            return Problem(412, "stale")
        case NotNow():
            return Problem(409, "why", what=error.phrase)
        case NotAllowed():
            return Problem(403, "forbidden")
        case _:
            return Problem(404, "not_found")


def _told(problems: Mapping[str, Phrase]) -> list[Phrase]:
    return [
        Phrase("console.problem.field_bad", {"field": where[:64], "why": why})
        for where, why in problems.items()
    ]
