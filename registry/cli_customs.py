"""``iie-registry customs-sim``: a simulator of customs' services to rehearse with."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

import typer


def customs_sim(
    port: Annotated[
        int, typer.Option(min=0, max=65535, metavar="PORT", help="TCP port on 127.0.0.1; 0 takes a free one.")
    ] = 0,
    answer_after: Annotated[
        float, typer.Option(min=0, metavar="SECONDS", help="Seconds between a document and its answer.")
    ] = 5,
    reject_every: Annotated[
        int, typer.Option(min=0, metavar="N", help="Each Nth number is rejected; 0: none.")
    ] = 0,
    swallow_every: Annotated[int, typer.Option(min=0, metavar="N", help="Each Nth is never answered.")] = 0,
    fault_every: Annotated[int, typer.Option(min=0, metavar="N", help="Each Nth is not taken.")] = 0,
) -> None:
    """Prints its address first, and at the end how much it has taken."""
    from registry.transmission.simulator import Every, Simulator

    plan = Every(reject_every, swallow_every, fault_every)
    simulator = Simulator(plan, timedelta(seconds=answer_after), port)
    typer.echo(f"transmission: {{url: {simulator.url}, simulator: true, depots: {{…}}}}")
    try:
        simulator.serve()
    except KeyboardInterrupt:
        typer.echo(f"{len(simulator.sent)} documents")
