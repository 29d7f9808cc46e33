"""The herald: by whom all are told when the last of several workers has ended.

Each worker is a client of its own, so that a worker's Last Will would say *offline* while others go on. The leader
therefore keeps a second connection under a name that all workers share, and its will waits: MQTT 5 sends a delayed will
unless somebody takes the session up again in time (3.1.3.2.2), which is what the next leader does.

    leader ends ──▶ the broker holds the will back for `DELAY_S` ──┬─ the next leader connects ─▶ never sent
                                                                  └─ nobody does ─▶ offline
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from registry.connection import Login
from registry.link import Link

DELAY_S = 15
"""Longer than the next leader takes to connect, with a refusal in between; seconds."""


class Herald:
    """One worker's part in it. `follow` whether it leads, `stop` at the end."""

    def __init__(
        self, login: Login, client_id: str, will: Callable[[], tuple[str, bytes]], delay_s: int = DELAY_S
    ) -> None:
        self._login = replace(login, client_id=client_id, session_s=4 * delay_s, will_delay_s=delay_s)
        self._will = will
        self._link: Link | None = None

    def follow(self, leads: bool) -> None:
        """Take the will up where this worker leads, leave it to others where it does not."""
        if leads and self._link is None:
            self._link = Link(self._login, (), self._will)
            self._link.start()
        elif not leads:
            self.stop()

    def stop(self) -> None:
        """End; the will is sent unless another worker takes it up in time."""
        link, self._link = self._link, None
        if link is not None:
            link.stop(None)
