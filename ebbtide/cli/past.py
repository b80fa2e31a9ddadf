"""A history replayed into a Redis that is there for this only: what `replay`, and commands that take FILE, look at."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, NamedTuple

from ebbtide.cli.console import say
from ebbtide.cli.files import metered

if TYPE_CHECKING:
    from ebbtide.settings import Settings
    from state.store import Store
    from streams.config import Scoring
    from streams.history.reading import History
    from streams.history.replay import Change, Replay

Tell = Callable[[Sequence["Change"]], None]


class Past(NamedTuple):
    """A replay that has run: its store, how it scored, and the instant at which it ended."""

    store: "Store"
    scoring: "Scoring"
    end_us: int
    run: "Replay"


def _nothing(_told: Sequence["Change"]) -> None:
    pass


@asynccontextmanager
async def replayed(
    settings: "Settings",
    history: "History",
    until_us: int | None,
    on_changes: Tell = _nothing,
    on_alerts: Tell = _nothing,
) -> AsyncIterator[Past]:
    """Replay with a bar, say what was refused, and give the store until the block is left."""
    from ebbtide.embedded import start_redis
    from ebbtide.wiring import decode_rules, scoring_of
    from state.redis_store import RedisStore
    from streams.history.replay import Replay

    scoring = scoring_of(settings, muted=True)
    total = len(history.until(until_us).records)
    with start_redis() as redis:
        store = await RedisStore.connect(redis.url, "replay")
        try:
            with metered("replaying") as meter:
                run = Replay(
                    store,
                    decode_rules(settings),
                    scoring,
                    on_changes,
                    lambda done: meter(done, done / total),
                    on_alerts=on_alerts,
                )
                end_us = await run.run(history, until_us)
            for reason, message in run.refused.items():
                say(f"refused ({reason}), the first of them: {message}")
            yield Past(store, scoring, end_us, run)
        finally:
            await store.close()
