"""``./dev demo``: a gate at work on simulated trucks, with a real broker, a real registry and real lines.

The scale writes to a pty, the scanner to another, one camera is an HTTP stream and one a folder; the gate
opens them as it would open the real ones. ``--exit`` ends after the last truck, ``--json`` prints one object
as the last line.
"""

from __future__ import annotations

import json
import shutil
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console, RenderableType
from rich.live import Live

from gateway import logs
from gateway.console.people import People
from gateway.console.person import Role
from gateway.daemon import Daemon
from gateway.rehearsal.audience import shown
from gateway.rehearsal.broker import BrokerError
from gateway.rehearsal.outcome import Outcome, outcome, wait_for_receipts
from gateway.rehearsal.photos import USUAL_FOLDER, photos
from gateway.rehearsal.stage import VISITOR, Stage
from gateway.rehearsal.trucks import BOX_KG, trucks
from gateway.site.checks import read_site
from record.base import timestamp
from record.errors import IieError
from record.messages import text
from record.web.passwords import Passwords
from record.yamlfile import FileErrors

DEFAULT_FOLDER = Path(".demo")
PATIENCE_S = 60.0


def main() -> None:
    """The command line of the demo."""
    app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
    app.command(name="demo")(demo)
    app()


def demo(
    count: Annotated[int, typer.Option("--trucks", min=1, help="how many trucks pass")] = 3,
    seed: Annotated[int, typer.Option(help="another seed gives other trucks")] = 1,
    data: Annotated[
        Path | None, typer.Option(help="folder for all files; .demo, emptied first, otherwise")
    ] = None,
    broker_restart: Annotated[
        bool, typer.Option(help="kill the broker with -9 after the first truck and start it again")
    ] = False,
    leave: Annotated[bool, typer.Option("--exit", help="end after the last truck")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="print one JSON object as the last line")] = False,
    photo_folder: Annotated[
        Path,
        typer.Option("--photos", help="folder of real photographs with labels.csv, used where it is there"),
    ] = USUAL_FOLDER,
    lang: Annotated[str, typer.Option(help="es or en")] = "es",
) -> None:
    """Let trucks drive onto one lane; each becomes a draft that the registry has stored and acknowledged.

    Exit code 0: every truck's draft was received once with the scripted values; 1: not so, or it could not
    run.
    """
    try:
        with _ended_in_order():
            result, stage = _rehearse(count, seed, data, broker_restart, leave, photo_folder, lang)
    except (BrokerError, IieError, FileErrors, OSError) as error:
        print(error, file=sys.stderr)
        raise typer.Exit(1) from None
    _say(result, stage, as_json, lang)
    raise typer.Exit(0 if result.right else 1)


def _rehearse(
    count: int, seed: int, data: Path | None, broker_restart: bool, leave: bool, photo_folder: Path, lang: str
) -> tuple[Outcome, Stage]:
    """The whole rehearsal, from the empty stage to what came of it."""
    folder = _folder(data)
    _log_to(folder / "gateway.log")
    since = timestamp(datetime.now(UTC))
    cast = trucks(count, seed, datetime.now(UTC).year, photos(photo_folder, BOX_KG))
    with Stage(folder, cast) as stage, Daemon(read_site(stage.site_file), stage.folder) as gate:
        _say_links(gate, stage, lang)
        screen = _Screen(lambda: shown(gate.board.view, gate.outbox, lang)) if sys.stdout.isatty() else None
        if screen:
            screen.start()
        for index, truck in enumerate(cast):
            if broker_restart and index == 1:
                stage.broker.kill()
                stage.broker.start()
            stage.pass_truck(truck)
        wait_for_receipts(stage.gateway_db, since, count, PATIENCE_S)
        result = outcome(cast, stage.gateway_db, stage.registry_db, since)
        if screen and not leave:
            _until_interrupted()
        if screen:
            screen.stop()
    return result, stage


def _folder(data: Path | None) -> Path:
    """The folder of this run: the given one as it is, the usual one emptied."""
    folder = (data or DEFAULT_FOLDER).resolve()
    if data is None:
        shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _log_to(path: Path) -> None:
    logs.begin(filename=path)


class _Screen:
    """Draws the table four times a second in a thread of its own."""

    def __init__(self, picture: Callable[[], RenderableType]) -> None:
        self._picture = picture
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="screen", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._ended.set()
        self._thread.join(5)

    def _run(self) -> None:
        with Live(console=Console(), auto_refresh=False) as live:
            while not self._ended.wait(0.25):
                live.update(self._picture(), refresh=True)
            live.update(self._picture(), refresh=True)


def _say_links(gate: Daemon, stage: Stage, lang: str) -> None:
    """Links to the gate's page and to the registry's console; each logs in once."""
    people = People(gate.outbox.file, Passwords())
    people.add(VISITOR, Role.SUPERVISOR, None)
    page = f"http://127.0.0.1:{stage.page_port}/enter?token={people.link(VISITOR, datetime.now(UTC))}"
    print(text("demo.page", lang, url=page), flush=True)
    console = stage.console_link()
    if console is not None:
        print(text("demo.console", lang, url=console), flush=True)


@contextmanager
def _ended_in_order() -> Iterator[None]:
    """A closed terminal or a plain ``kill`` ends broker and registry too, as Ctrl-C does."""

    def end(number: int, frame: object) -> None:
        sys.exit(128 + number)

    before = {each: signal.signal(each, end) for each in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


def _until_interrupted() -> None:
    try:
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        return


def _say(result: Outcome, stage: Stage, as_json: bool, lang: str) -> None:
    if as_json:
        paths = {"gateway.db": str(stage.gateway_db), "registry.db": str(stage.registry_db)}
        print(json.dumps({**result.summary(), **paths}, ensure_ascii=False))
        return
    figures = result.summary()
    code = "demo.right" if result.right else "demo.wrong"
    print(text(code, lang, trucks=len(result.script), received=figures["received"], folder=str(stage.folder)))


if __name__ == "__main__":
    main()
