"""`ebbtide dead`: records that were no events, as they came, with the reason."""

import asyncio
import base64
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from ebbtide.cli.console import print_json, quiet_libraries, say, stdout
from ebbtide.errors import EbbtideError
from ebbtide.settings import Settings, load_settings
from streams.events.refusals import Reason

if TYPE_CHECKING:
    from streams.broker.dead_log import Letter

OURS = ("reason", "message", "topic", "partition", "offset", "time")

dead = typer.Typer(name="dead", rich_markup_mode=None)
Json = Annotated[bool, typer.Option("--json", help="One JSON object a letter on stdout.")]


@dead.callback()
def about() -> None:
    """Dead letters: records that were refused.

    Example: ebbtide dead list --reason money
    """


@dead.command("list")
def list_letters(
    reason: Annotated[Reason | None, typer.Option(help="Only letters with this reason.")] = None,
    newest: Annotated[int, typer.Option(min=1, help="How many of each partition, the newest.")] = 50,
    every: Annotated[bool, typer.Option("--all", help="All of them.")] = False,
    json: Json = False,
) -> None:
    """Where each letter lies, why it was refused, and where it came from.

    Example: ebbtide dead list --reason money --json
    """
    quiet_libraries()
    found = [
        letter
        for letter in asyncio.run(_letters(load_settings(), None if every else newest))
        if reason is None or letter.headers.get("reason") == reason
    ]
    if json:
        for letter in found:
            print_json({"place": letter.place} | _ours(letter))
        return
    table = Table("place", "reason", "message", "from", "time", box=None)
    for letter in found:
        h = letter.headers
        source = f"{h.get('topic', '?')} {h.get('partition', '?')}:{h.get('offset', '?')}"
        table.add_row(letter.place, *(_plain(h.get(name, "")) for name in ("reason", "message")), source, h.get("time"))
    stdout.print(table) if found else say("No dead letters.")


@dead.command("show")
def show(
    place: Annotated[str, typer.Argument(metavar="PLACE", help="partition:offset, as `dead list` names it.")],
    raw: Annotated[bool, typer.Option("--raw", help="Only the record's bytes, as they came.")] = False,
    json: Json = False,
) -> None:
    """One letter with its headers and its bytes.

    Example: ebbtide dead show 3:17 --raw
    """
    partition, _, offset = place.partition(":")
    if not partition.isdecimal() or not offset.isdecimal():
        raise typer.BadParameter(f"{place} is no place; one is 3:17 (partition:offset)", param_hint="PLACE")
    quiet_libraries()
    letter = asyncio.run(_letter(load_settings(), int(partition), int(offset)))
    if letter is None:
        raise EbbtideError(f"There is no dead letter at {place}. See which there are: ebbtide dead list")
    value = letter.value or b""
    if raw:
        sys.stdout.buffer.write(value)
    elif json:
        body = None if letter.value is None else base64.b64encode(value).decode()
        print_json({"place": place, "headers": letter.headers, "key": _text(letter.key), "value_base64": body})
    else:
        for name, text in letter.headers.items():
            print(f"{name + ':':<12}{_plain(text)}")
        print(f"{'key:':<12}{_plain(_text(letter.key) or 'none')}")
        print(_plain(_text(letter.value) or "no value: a tombstone"))


async def _letters(settings: Settings, newest: int | None) -> "list[Letter]":
    from ebbtide.wiring import topics_of
    from streams.broker.dead_log import letters

    return [letter async for letter in letters(settings.need_kafka(), topics_of(settings), newest)]


async def _letter(settings: Settings, partition: int, offset: int) -> "Letter | None":
    from ebbtide.wiring import topics_of
    from streams.broker.dead_log import letter

    return await letter(settings.need_kafka(), topics_of(settings), partition, offset)


def _ours(letter: "Letter") -> dict[str, Any]:
    return {name: letter.headers.get(name) for name in OURS} | {"bytes": len(letter.value or b"")}


def _text(value: bytes | None) -> str | None:
    return None if value is None else value.decode(errors="backslashreplace")


def _plain(text: str) -> str:
    """Without what could steer a terminal: the bytes come from anybody."""
    return "".join(c if c.isprintable() or c == "\n" else repr(c)[1:-1] for c in text)
