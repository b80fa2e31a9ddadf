"""Whether workers run: an answer that does not say is never taken for nobody."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiokafka.errors import GroupCoordinatorNotAvailableError
from aiokafka.protocol.admin import DescribeGroupsResponse_v2, DescribeGroupsResponse_v3

from streams.broker import partitions
from streams.broker.partitions import members
from streams.errors import StreamsError

ONE = [("worker-1", "", "", b"", b"")]
LOADING, ABSENT, MOVED, FORBIDDEN = 14, 15, 16, 30  # Kafka's numbers


class Admin:
    """A coordinator that answers with these codes, one after another; the last for ever. 0: there is one member."""

    def __init__(self, codes: Sequence[int]) -> None:
        self.codes = list(codes)

    async def describe_consumer_groups(self, groups: Sequence[str]) -> list[Any]:
        code = self.codes.pop(0) if len(self.codes) > 1 else self.codes[0]
        if code == ABSENT:  # the one that the client raises: it asks for the coordinator first
            raise GroupCoordinatorNotAvailableError
        described = (code, groups[0], "Stable", "consumer", "range", [] if code else ONE)
        if len(self.codes) % 2:
            return [DescribeGroupsResponse_v2(throttle_time_ms=0, groups=[described])]
        return [DescribeGroupsResponse_v3(throttle_time_ms=0, groups=[(*described, 0)])]


def told_by(monkeypatch: pytest.MonkeyPatch, *codes: int) -> None:
    @asynccontextmanager
    async def open_admin(_kafka: str) -> AsyncIterator[Admin]:
        yield admin

    admin = Admin(codes)
    monkeypatch.setattr(partitions, "open_admin", open_admin)


@pytest.mark.parametrize("codes", [[0], [LOADING, 0], [ABSENT, MOVED, 0]])
async def test_a_coordinator_that_cannot_say_just_now_is_asked_again(
    monkeypatch: pytest.MonkeyPatch, codes: list[int]
) -> None:
    told_by(monkeypatch, *codes)
    assert await members("kafka:9092", "shop") == 1


@pytest.mark.parametrize("code", [FORBIDDEN, LOADING, ABSENT])
async def test_a_coordinator_that_does_not_say_is_not_nobody(monkeypatch: pytest.MonkeyPatch, code: int) -> None:
    told_by(monkeypatch, code)
    monkeypatch.setattr(partitions, "TOLD_WITHIN_S", 0.05)
    with pytest.raises(StreamsError, match=r"does not say whether workers of shop run \(\[Error"):
        await members("kafka:9092", "shop")
