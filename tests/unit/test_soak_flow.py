"""A flow of records: whoever leaves it with an error is not held up by a broker that does not come back."""

import asyncio
import threading
from pathlib import Path

import pytest

from tests.soak.flow import Flow
from tests.support.world import World


class Hanging(Flow):
    async def _send(self) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.Event().wait()  # as a producer that wants to send what it has before it stops


@pytest.mark.parametrize("raised", [AssertionError, SystemExit])
def test_an_error_in_the_block_comes_out_of_it_though_nothing_can_be_sent(
    raised: type[BaseException], tmp_path: Path
) -> None:
    flow = Hanging(World("nowhere:1", "redis://nowhere:1/0", tmp_path, "soak."), [], per_s=1.0)

    def leave() -> None:
        with pytest.raises(raised), flow:
            raise raised

    leaving = threading.Thread(target=leave, daemon=True)
    leaving.start()
    leaving.join(5.0)
    assert not leaving.is_alive()
    assert not flow.done
