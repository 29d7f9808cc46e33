"""Pieces for air pallets, one after the other on a small scale."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal

from gateway.rehearsal.writing import Day


def air(day: Day, count: int) -> None:
    """Pieces for air pallets, one after the other, a label scanned for each."""
    dae, awb, uld, left = "", "", "", 0
    for _ in range(count):
        if not left:
            dae, left = day.dae(), day.rng.randrange(2, 7)
            serial = day.rng.randrange(10**7)
            awb, uld = f"145{serial:07d}{serial % 7}", f"PMC{day.rng.randrange(10**5):05d}LA"
            day.announce(dae, description="ROSAS", packages=left, packaging="035")
        left -= 1
        kg = Decimal(day.rng.randrange(80, 320)) / 10
        day.say(3.0, scan=dae, device="lector")
        day.say(3.4, scan=awb, device="lector")
        day.say(3.6, scan=uld, device="lector")
        off = day.passage(kg, stand_s=4.0, unit=0)
        whole = int(kg.quantize(Decimal(1), rounding=ROUND_HALF_EVEN))
        day.expect(dae=dae, weight_kg=whole, packages=1, complete=True)
        day.leave(off)
