"""What a person typed into the form of a correction, as the list of changes that customs is asked for. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from record.errors import BadRecord
from record.messages import Phrase
from registry.corrections.correction import correctable
from registry.reports.completion import LONGEST_REASON, Asked, BadFields
from registry.reports.field import BadValue, kind_of, shown, typed
from registry.reports.office import NotNow
from registry.reports.pointer import at
from registry.reports.report import Report, label, meant
from registry.reports.rules import Rules


def given(text: str) -> str:
    """A reason in one line. Raises `NotNow` where there is none."""
    reason = " ".join(text.split())[:LONGEST_REASON]
    if not reason:
        raise NotNow(Phrase("console.value.reason"))
    return reason


def changes_of(report: Report, asked: Asked, rules: Rules, today: date) -> list[dict[str, Any]]:
    """The fields that are to be others: ``{field, before, after}``; the report has to be whole with them.

    Raises `BadFields` with every reason, `NotNow` where nothing is to change.
    """
    problems: dict[str, Phrase] = {}
    changes: list[dict[str, Any]] = []
    for where, text in asked.texts.items():
        try:
            changes += _change(report, where, text, rules, today)
        except BadValue as error:
            problems[where] = error.phrase
    if not asked.reason.strip():
        problems["reason"] = Phrase("console.value.reason")
    elif not " ".join(asked.reason.split()).isprintable():
        problems["reason"] = Phrase("console.value.invisible")
    if problems:
        raise BadFields(problems)
    if not changes:
        raise NotNow(Phrase("console.correction.nothing"))
    _whole(report, changes, rules)
    return changes


def _change(report: Report, where: str, text: str, rules: Rules, today: date) -> Iterator[dict[str, Any]]:
    kind = kind_of(where)
    if kind is None or where not in set(report.pointers()) or not correctable(where):
        raise BadValue("no_field")
    current = meant(at(report.payload, where), where)
    if text.strip() == shown(kind, current):
        return
    value = meant(typed(where, text, rules, today).value, where)
    if value != current and shown(kind, value) != shown(kind, current):
        yield {"field": where, "before": current, "after": value}


def _whole(report: Report, changes: Sequence[Mapping[str, Any]], rules: Rules) -> None:
    """Whether a report with these changes is a report. Raises `BadFields`, `NotNow`."""
    values = {str(each["field"]): each["after"] for each in changes}
    after = replace(report, corrected={**report.corrected, **values})
    lacks = {each.pointer for each in after.fields(rules) if each.lacks} & set(values)
    if lacks:
        raise BadFields({where: Phrase("console.matter.lacks", {"field": label(where)}) for where in lacks})
    try:
        after.document()
    except BadRecord as error:
        raise NotNow(Phrase("console.matter.invalid", {"what": str(error)[:300]})) from error
