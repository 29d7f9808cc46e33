"""Whether a weight stands still: by the indicator's own flag and, where that says nothing, by the window.

It stands still where the last ``settle_s`` seconds lie within ``settle_kg`` and the indicator said of none that
it moves.
"""

from __future__ import annotations

from collections import deque
from decimal import Decimal

from drivers.readings import Stability, Weight


class Stillness:
    """The window of one scale. Times are seconds of the readings' own clock."""

    def __init__(self, settle_s: float, settle_kg: Decimal) -> None:
        self._settle_s, self._settle_kg = settle_s, settle_kg
        self._window: deque[tuple[float, Weight]] = deque()

    def clear(self) -> None:
        """What was heard until now does not count."""
        self._window.clear()

    def hear(self, moment: float, weight: Weight) -> str | None:
        """One weight: what says that it stands still (*indicator* or *window*), None where it does not yet."""
        if weight.stability is Stability.MOVING:
            self.clear()
            return None
        window = self._window
        window.append((moment, weight))
        while self._spread() > self._settle_kg:
            window.popleft()
        if moment - window[0][0] < self._settle_s:
            return None
        while moment - window[1][0] >= self._settle_s:
            window.popleft()
        flags = {each.stability for _, each in window}
        return "indicator" if flags == {Stability.STABLE} else "window"

    def _spread(self) -> Decimal:
        values = [each.kg for _, each in self._window]
        return max(values) - min(values)
