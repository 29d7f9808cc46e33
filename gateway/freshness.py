"""When each picture of a camera was first seen: one that is older than a truck cannot be of it.

    14:02:10  A      first seen
    14:02:11  A      the camera sends the same again: it hangs
    14:03:40         a truck arrives
    14:03:41  A      first seen before the truck: it may show the one before
    14:03:42  B      new: of this truck

No camera makes the same picture twice, so its bytes say which it is. How old the first picture after a start is
nobody knows: it counts only from the second one on, as does whatever a camera had left when its stream was opened.
"""

from __future__ import annotations

from collections import OrderedDict
from math import inf

KEPT = 500
"""Pictures of one camera that are remembered: a camera that hangs repeats a few, for minutes."""


class Freshness:
    """The pictures of one camera. Times are seconds of a clock that never jumps.

    ``repeats`` says that the same may come again, from a film, a simulator or a folder: then every picture is
    of the moment it is said to be of.
    """

    def __init__(self, *, repeats: bool = False) -> None:
        self._repeats = repeats
        self._first: OrderedDict[str, float] = OrderedDict()

    def saw(self, digest: str, made: float) -> float:
        """A picture of that moment came, by any hash of its bytes; when it was first seen, -inf where nobody
        knows."""
        if self._repeats:
            return made
        first = self._first.pop(digest, made if self._first else -inf)
        self._first[digest] = first
        while len(self._first) > KEPT:
            self._first.popitem(last=False)
        return first
