"""The Faust app of a worker: the ingest service feeds a bounded channel, the scoring agent takes from it.

Records come and go through clients of our own, so Faust itself opens no connection, no port and no folder.
"""

from collections.abc import AsyncIterable, Awaitable, Callable

import faust
import mode
from faust.app.base import BootStrategy

from streams.config import StreamsConfig
from streams.lanes import Batch

IN_CHANNEL = 4  # batches

Feed = Callable[[Callable[[Batch], Awaitable[object]]], Awaitable[None]]


class _NoKafka(BootStrategy):
    """Agents and services only: with a consumer of its own, Faust would ask for a topic that this worker does not need."""

    enable_kafka = False
    enable_web = False


class _App(faust.App):
    BootStrategy = _NoKafka

    async def on_first_start(self) -> None:
        """No tables here, so none of the folders that Faust would make for them."""

    async def on_started(self) -> None:
        """Let the channel flow: Faust opens it at the first assignment of its consumer, which is not there."""
        self.flow_control.resume()
        await super().on_started()

    async def on_shutdown(self) -> None:
        """Close the event loop of the thread that Faust keeps ready for a consumer; it never ran."""
        await super().on_shutdown()
        thread = getattr(self.consumer, "_thread", None)
        if thread is not None:
            thread.thread_loop.close()


def build_app(config: StreamsConfig, feed: Feed, failed: Callable[[BaseException], None]) -> faust.App:
    """`feed` sends batches for ever; whatever ends it otherwise goes to `failed`."""
    app = _App(
        config.namespace, broker=f"aiokafka://{config.kafka}", web_enabled=False, store="memory://", autodiscover=False
    )
    batches = app.channel(maxsize=IN_CHANNEL)

    async def send(batch: Batch) -> object:
        return await batches.send(value=batch)

    @app.agent(batches)
    async def scoring(stream: AsyncIterable[Batch]) -> None:
        async for batch in stream:
            batch.lane.put(batch.work)

    @app.service
    class Ingesting(mode.Service):
        """Runs the feed until the app stops."""

        @mode.Service.task
        async def _feed(self) -> None:
            try:
                await feed(send)
            except Exception as error:  # whatever it is, the process ends with it
                failed(error)

    return app
