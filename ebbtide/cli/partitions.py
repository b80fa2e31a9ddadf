"""`ebbtide partitions N`: more partitions for topics that are in use."""

import asyncio
from typing import Annotated

import typer

from ebbtide.cli.console import print_json, quiet_libraries, say
from ebbtide.settings import load_settings


def partitions(
    count: Annotated[int, typer.Argument(metavar="N", help="A power of two up to 256; not fewer than there are.")],
    json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")] = False,
) -> None:
    """Give the input topics more partitions, and let the state go on in them. Stop all workers first, start them again after.

    Producers may go on: what they still write into the old partitions is sent on. Broken off, it is simply run again.

    Example: ebbtide partitions 16
    """
    from ebbtide.raising import raised
    from ebbtide.warm import warm_kernel
    from streams.config import is_partition_count

    if not is_partition_count(count):
        raise typer.BadParameter(f"{count} is not a power of two up to 256", param_hint="N")
    quiet_libraries()
    settings = load_settings()
    settings.need_kafka()  # both before the kernel, which takes its time
    settings.need_redis()
    warm_kernel()
    done = asyncio.run(raised(settings, count))
    if json:
        print_json(done)
    elif done["buckets"]:
        say(f"{count} partitions; {done['buckets']} buckets go on in them, {done['records']:,} records applied before")
        say(f"Start the workers. Set EBBTIDE_PARTITIONS={count} where topics may be made anew.")
    else:
        say(f"The topics have {count} partitions, and the state goes on in them: nothing to do")
