"""Dead letters and forwards to the broker, acknowledged before the position moves on."""

from collections.abc import Sequence

from streams.broker.dead_letters import dead_letter, shortened
from streams.broker.forward import forwarded, undeliverable
from streams.broker.publishing import Message, Publishing, TooLargeError
from streams.config import Topics
from streams.work import Dead, Forward

SHORTER_BYTES = (512 * 1024, 64 * 1024, 8 * 1024)  # a broker takes 1 MB by default, but may be set to less


class Telling:
    """The `Messages` of a live worker."""

    def __init__(self, publisher: Publishing, topics: Topics) -> None:
        self._publisher = publisher
        self._topics = topics

    async def tell(self, dead: Sequence[Dead], forwards: Sequence[Forward]) -> None:
        """Returns when the broker has all of them; what it refuses to take on as a forward, it has as a dead letter.

        Such a record stays counted as forwarded, and is not consumed: neither here nor where its customer is.
        """
        sent_on = [forwarded(forward, self._topics) for forward in forwards]
        refused = await self._refused(sent_on)
        lost = [undeliverable(forward) for forward, sent in zip(forwards, sent_on, strict=True) if sent in refused]
        letters = [dead_letter(d, self._topics) for d in (*dead, *lost)]
        for letter in await self._refused(letters):
            await self._shortened(letter)

    async def _refused(self, messages: Sequence[Message]) -> Sequence[Message]:
        try:
            await self._publisher.publish(messages)
        except TooLargeError as error:
            return error.refused
        return ()

    async def _shortened(self, letter: Message) -> None:
        *longer, shortest = SHORTER_BYTES
        for size in longer:
            if not await self._refused([shortened(letter, size)]):
                return
        await self._publisher.publish([shortened(letter, shortest)])
