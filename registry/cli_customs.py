"""``iie-registry customs-sim``: a simulator of customs' services to rehearse with."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

import typer


def customs_sim(
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="TCP port on 127.0.0.1; 0 takes a free one.")
    ] = 0,
    answer_after: Annotated[
        float, typer.Option(min=0, help="Seconds between a document and its answer.")
    ] = 5,
    reject_every: Annotated[int, typer.Option(min=0, help="Every so manieth number is rejected.")] = 0,
    swallow_every: Annotated[int, typer.Option(min=0, help="… is never answered.")] = 0,
    fault_every: Annotated[int, typer.Option(min=0, help="… is not taken.")] = 0,
) -> None:
    """Take documents as customs' services would, and answer them later; until Ctrl-C.

    The address that it prints goes into REGISTRY.yaml, beside ``simulator: true``.
    """
    from registry.transmission.simulator import Every, Simulator

    plan = Every(reject_every, swallow_every, fault_every)
    simulator = Simulator(plan, timedelta(seconds=answer_after), port)
    typer.echo(f"transmission: {{url: {simulator.url}, simulator: true, depots: {{…}}}}")
    try:
        simulator.serve()
    except KeyboardInterrupt:
        typer.echo(f"{len(simulator.sent)} documents")
