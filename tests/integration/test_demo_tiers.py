"""The demo's fixed boundaries are those that its own sample gives half-way through."""

from importlib.resources import files
from pathlib import Path

import pytest

from ebbtide.demo import sample, with_its_tiers
from ebbtide.embedded import Server
from ebbtide.settings import load_settings
from ebbtide.wiring import decode_rules, scoring_of, tiers_of
from scoring.boundaries.census import census_of
from scoring.boundaries.drawing import least_that_bring
from scoring.boundaries.policy import Rule
from scoring.defaults import DEFAULT_MODEL
from scoring.layout import Tier
from state.redis_store import RedisStore
from streams.events.instants import instant_us
from streams.history.replay import Replay, customers

HALF_WAY_US = instant_us("1997-10-01T00:00:00Z", None, None)


async def test_they_part_the_sample_at_80_and_95_percent_of_the_expected_profit(
    redis: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("EBBTIDE_TIERS", raising=False)
    settings = with_its_tiers(load_settings(currency="USD"))
    store = await RedisStore.connect(redis.url, "demo-tiers")
    run = Replay(store, decode_rules(settings), scoring_of(settings), lambda _: None, lambda _: None)
    await run.run(sample(settings), HALF_WAY_US)
    histogram = census_of([blob async for _, blob in customers(store)], HALF_WAY_US, DEFAULT_MODEL)
    await store.close()

    tiers = tiers_of(settings)
    assert tiers.policy.rule is Rule.THRESHOLDS
    for tier, share in ((Tier.HIGH, 0.80), (Tier.MIDDLE, 0.95)):
        measured = least_that_bring(histogram, share)
        assert tiers.rules.enter[tier] == pytest.approx(1.1 * measured, rel=0.03)
        assert tiers.rules.leave[tier] == pytest.approx(0.9 * measured, rel=0.03)


def test_tiers_that_the_settings_name_are_kept(tmp_path: Path) -> None:
    other = tmp_path / "tiers.toml"
    other.write_text((files("ebbtide") / "tiers.toml").read_text())
    assert with_its_tiers(load_settings(tiers=other)).tiers == other
