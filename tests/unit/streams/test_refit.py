"""A scheduled refit: fitted to what the live ledgers hold, taken where it foretells no worse, and never on the loop."""

import asyncio
import threading

import pytest

from scoring.layout import DAY_US, Family
from state.errors import StoreUnavailable
from streams import refit as module
from streams.census import SOON_US
from streams.config import Version
from streams.events.decode import DecodeRules, decode
from streams.events.terms_records import write_terms
from streams.refit import HOLDOUT_DAYS, refit
from streams.refitter import Refitter, aside
from streams.versions import Versioned, only
from tests.support.kernel import TERMS
from tests.support.small_shop import START_US, shop
from tests.support.two_workers import World
from tests.unit.streams.test_replay_turns import Ran, history

DAYS = 250
END_US = START_US + DAYS * DAY_US
FIRST = only(Version(TERMS))


@pytest.fixture(scope="module")
def blobs() -> list[bytes]:
    return list(Ran(history(shop(DAYS)), policy=None).states.values())


def test_a_better_model_becomes_a_version_with_boundaries_of_its_own(blobs: list[bytes]) -> None:
    scoring = World().scoring
    version, why = refit(blobs, END_US, FIRST, scoring)
    assert version, why
    assert version.parameters
    assert (version.parameters.family, version.parameters.horizon_days) == (Family.MBG, TERMS.model.horizon_days)
    assert version.parameters != TERMS.model
    assert version.rules != TERMS.rules
    assert version.from_us > version.made_us == END_US
    assert decode("commands", write_terms(version, "USD"), (), DecodeRules(), None) == version
    assert refit([*blobs, b"damaged"], END_US, FIRST, scoring).version == version


def test_one_that_foretells_worse_is_not_taken(blobs: list[bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[float] = []
    monkeypatch.setattr(module, "predicts_better", lambda *told: asked.append(told[-1]))
    version, why = refit(blobs, END_US, FIRST, World().scoring)
    assert version is None
    assert "worse" in why
    assert asked == [HOLDOUT_DAYS]


def test_data_that_cannot_tell_leave_the_model_in_force(blobs: list[bytes]) -> None:
    version, why = refit(blobs[:2], END_US, FIRST, World().scoring)
    assert version is None
    assert why


async def test_the_owner_of_bucket_0_fits_once_a_period(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    await world.open()
    fits: list[int] = []
    made = Versioned("m", world.now_us, world.now_us, "m", TERMS.rules, TERMS.drift, "m", TERMS.model)

    def fitted(_blobs: object, at_us: int, *_rest: object) -> module.Refit:
        fits.append(at_us)
        return module.Refit(made._replace(id=f"m{len(fits)}", made_us=at_us), "")

    monkeypatch.setattr(module, "refit", fitted)
    refitter = Refitter(world.store, world.lanes, world.reached_us, 30, world.scoring, world.publish)
    await refitter.look()
    await refitter.look()
    assert fits == [world.now_us]
    await world.deliver()
    again = Refitter(world.store, world.lanes, world.reached_us, 30, world.scoring, world.publish)
    await again.look()  # what was published is known after a restart
    assert len(fits) == 1
    world.now_us += 31 * DAY_US
    await again.look()
    assert len(fits) == len(world.published) == 2
    await world.lanes.close()


async def test_a_refit_that_took_long_is_in_force_after_it_is_published(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    await world.open()

    def slow(_blobs: object, at_us: int, *_rest: object) -> module.Refit:
        world.now_us = at_us + 600_000_000
        return module.Refit(Versioned("m", at_us, at_us + SOON_US, "m", TERMS.rules, TERMS.drift, "m", TERMS.model), "")

    monkeypatch.setattr(module, "refit", slow)
    await Refitter(world.store, world.lanes, world.reached_us, 30, world.scoring, world.publish).look()
    [version] = world.published
    assert version.made_us == world.now_us
    assert version.from_us == world.now_us + SOON_US
    await world.lanes.close()


async def test_a_store_that_was_away_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    await world.open()
    tried: list[int] = []

    def nothing(_blobs: object, at_us: int, *_rest: object) -> module.Refit:
        tried.append(at_us)
        return module.Refit(None, "")

    monkeypatch.setattr(module, "refit", nothing)
    refitter = Refitter(world.store, world.lanes, world.reached_us, 30, world.scoring, world.publish)
    world.store.down = True
    with pytest.raises(StoreUnavailable):
        await refitter.look()
    world.store.down = False
    await refitter.look()
    await refitter.look()
    assert tried == [world.now_us // 1_000_000 * 1_000_000]
    await world.lanes.close()


async def test_what_runs_aside_holds_up_neither_the_loop_nor_the_end() -> None:
    go = threading.Event()
    waiting = asyncio.create_task(aside(go.wait))
    await asyncio.sleep(0.01)
    assert not waiting.done()
    [thread] = [thread for thread in threading.enumerate() if thread.name == "refit"]
    assert thread.daemon
    go.set()
    assert await waiting is True
    with pytest.raises(ZeroDivisionError):
        await aside(lambda: 1 // 0)
