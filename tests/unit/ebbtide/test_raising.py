"""Who is asked, and when, before a bucket goes on with more partitions."""

from typing import Any

import pytest

from ebbtide import raising
from ebbtide.settings import load_settings
from streams.errors import StreamsError
from tests.fakes.memory_store import MemoryStore
from tests.support.lives import EVENTS, Live, logs_of


async def test_a_worker_that_begins_before_the_topics_are_raised_is_refused_before_a_bucket_goes_on(
    monkeypatch: pytest.MonkeyPatch, worked: MemoryStore
) -> None:
    found, done = [0, 1], []

    def step(name: str, answer: Any = None) -> None:
        async def call(*_: Any, **__: Any) -> Any:
            done.append(name)
            assert name != "rewrite"
            return found.pop(0) if name == "members" else answer

        monkeypatch.setattr(raising, name, call)

    step("connect_store", worked)
    step("_there", {2})
    for name in ("members", "_even", "raise_partitions", "rewrite"):
        step(name, 0)
    with pytest.raises(StreamsError, match=r"1 workers of .* run: stop them first"):
        await raising.raised(load_settings(kafka="nowhere:9"), 8)
    asked = ["raise_partitions", "members"]
    assert done == ["connect_store", "_there", *asked, "_even", *asked]


@pytest.fixture
def worked() -> MemoryStore:
    """A state of two partitions."""
    return Live(logs_of(EVENTS[:50])).work().store
