"""A weight as a technician reads it: digits and unit as sent, then what the indicator says of it."""

from __future__ import annotations

from drivers.readings import Weight
from drivers.scale.fields import plain
from record.messages import text


def weight_line(weight: Weight, lang: str) -> str:
    """Such as ``12340 kg  estable  bruto``; remarks of the indicator stand behind."""
    said = [f"stability_{weight.stability}", f"kind_{weight.kind}"]
    said += [f"remark_{remark}" for remark in sorted(weight.remarks)]
    return "  ".join(
        [f"{plain(weight.value)} {weight.unit}", *(text(f"tools.{code}", lang) for code in said)]
    )
