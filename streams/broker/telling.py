"""Dead letters and forwards to the broker, acknowledged before the position moves on."""

from collections.abc import Sequence

from aiokafka.errors import MessageSizeTooLargeError

from streams.broker.dead_letters import dead_letter, shortened
from streams.broker.forward import forwarded
from streams.broker.publishing import Message, Publishing
from streams.config import Topics
from streams.work import Dead, Forward

SURELY_TAKEN_BYTES = 512 * 1024


class Telling:
    """The `Messages` of a live worker."""

    def __init__(self, publisher: Publishing, topics: Topics) -> None:
        self._publisher = publisher
        self._topics = topics

    async def tell(self, dead: Sequence[Dead], forwards: Sequence[Forward]) -> None:
        """Returns when the broker has all of them."""
        letters = [dead_letter(d, self._topics) for d in dead]
        large = [letter for letter in letters if len(letter.value or b"") > SURELY_TAKEN_BYTES]
        usual = [letter for letter in letters if len(letter.value or b"") <= SURELY_TAKEN_BYTES]
        await self._publisher.publish(usual + [forwarded(f, self._topics) for f in forwards])
        for letter in large:
            await self._whole_or_shortened(letter)

    async def _whole_or_shortened(self, letter: Message) -> None:
        try:
            await self._publisher.publish([letter])
        except MessageSizeTooLargeError:
            await self._publisher.publish([shortened(letter, SURELY_TAKEN_BYTES)])
