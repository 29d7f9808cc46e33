"""One picture while it is read: the boxes found so far, and their strips, each cut and read once."""

from dataclasses import dataclass, field

from ocr.quad import Picture, Quad, upright
from ocr.strip import Eyes, Strip


@dataclass
class Scene:
    """A picture, who reads it, and what was found in it."""

    picture: Picture
    eyes: Eyes
    quads: list[Quad] = field(default_factory=list)
    _strips: dict[int, Strip] = field(default_factory=dict)

    def add(self, quads: list[Quad]) -> None:
        """Remember boxes that a detector found."""
        self.quads += quads

    def strip(self, quad: Quad) -> Strip:
        """The upright strip of a remembered box."""
        if id(quad) not in self._strips:
            self._strips[id(quad)] = Strip(upright(self.picture, quad), quad)
        return self._strips[id(quad)]

    def is_read(self, quad: Quad) -> bool:
        """Whether the box was already cut out, so that looking at it again costs little."""
        return id(quad) in self._strips
