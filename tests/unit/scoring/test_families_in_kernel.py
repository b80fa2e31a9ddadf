"""The kernel's invariants hold under every family: order of arrival and batches change nothing, silence acts to the second."""

import random
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.by_address import model_by_address
from scoring.defaults import DEFAULT_DRIFT, DEFAULT_MODEL
from scoring.layout import DAY_US, EVENT, INPUTS, NEVER_US, Family, Kind, Record, Records, Tier
from scoring.ledgers import open_ledgers, open_one, pack_ledgers, peek, run
from scoring.look import look
from scoring.synlead.ahead import Way
from scoring.synlead.model import Params, synlead_model
from scoring.synlead.period_names import Period
from scoring.terms import Model, Rules, Terms
from scoring.value import p_alive_of, tail_of, value_of
from tests.support import logs
from tests.support.fold import microseconds
from tests.support.kernel import INF, LIMITS, Told, tell, terms_of
from tests.support.shop_log import shop_log

SECOND_US = 1_000_000
EDGES = (1.0, 1_000.0, 3_000.0, 6_000.0, 10_000.0, 16_000.0, 30_000.0, 1e8)  # minor units
PARAMS = Params(a=0.9, b=0.4, p=5.0, q=3.0, k=4_000.0, most=4.0, edges=EDGES, most_amount=1e8, slope=0.03)
MODELS = {
    "mbg": DEFAULT_MODEL,
    "mbg, rhythm": DEFAULT_MODEL._replace(k=3.0),
    "bg": DEFAULT_MODEL._replace(family=int(Family.BG)),
    "pareto": DEFAULT_MODEL._replace(family=int(Family.PARETO), a=0.6, b=80.0),
    "synlead, roll": synlead_model(PARAMS, Way.ROLL, Period.MONTH),
    "synlead, hold": synlead_model(PARAMS._replace(slope=-0.2), Way.HOLD, Period.MONTH),
    "synlead, frozen": synlead_model(PARAMS, Way.FROZEN, Period.QUARTER),
}
DRIFT = DEFAULT_DRIFT._replace(worth_tier=int(Tier.LOW), worth_at_risk=0.0)
FAMILIES = pytest.mark.parametrize("model", MODELS.values(), ids=list(MODELS))


def rules_of(model: Model) -> Rules:
    """Boundaries among the shop's values, which under the 2008 score are small."""
    middle, high = 80_00.0, 500_00.0
    if model.family == Family.SYNLEAD:
        middle, high = {Way.ROLL: (9_90.0, 14_30.0), Way.HOLD: (1_00.0, 3_00.0), Way.FROZEN: (2_00.0, 6_00.0)}[
            Way(model.synlead.way)
        ]
    return Rules((0.0, -INF, 0.0, middle, high), (0.0, -INF, 0.0, 0.9 * middle, 0.9 * high), min_stay_us=0)


def under(model: Model) -> Terms:
    return terms_of(model, rules_of(model), DRIFT)


def look_of(blob: bytes, at_us: int, model: Model) -> Record:
    inputs = np.zeros(1, INPUTS)[0]
    look(*open_one(blob), at_us, model_by_address(model), inputs)
    return inputs


def settled(told: Told, model: Model, at_us: int) -> dict[str, Any]:
    """Facts and value as of an instant: what does not depend on the way there."""
    return {
        customer: (look_of(blob, at_us, model).tobytes(), open_one(blob)[1].tobytes())
        for customer, blob in told.blobs.items()
    }


@FAMILIES
@given(events=logs.logs, chance=st.randoms(use_true_random=False))
@settings(max_examples=40, deadline=None)
def test_any_permutation_gives_the_same_looks(
    model: Model, events: list[dict[str, Any]], chance: random.Random
) -> None:
    shuffled = list(events)
    chance.shuffle(shuffled)
    at_us = microseconds(logs.time_of(700 * DAY_US))
    one, other = tell(events, terms=under(model)), tell(shuffled, terms=under(model))
    assert settled(one, model, at_us) == settled(other, model, at_us)


@FAMILIES
@given(events=logs.logs, batch=st.sampled_from([1, 2, 7]))
@settings(max_examples=30, deadline=None)
def test_batches_change_neither_states_nor_changes(model: Model, events: list[dict[str, Any]], batch: int) -> None:
    assert tell(events, batch, under(model)) == tell(events, terms=under(model))


@pytest.fixture(scope="module")
def shop() -> list[dict[str, Any]]:
    return shop_log(3_000, customers=120)


@FAMILIES
def test_a_shops_log_gives_the_same_bytes_in_batches_of_any_size(model: Model, shop: list[dict[str, Any]]) -> None:
    whole = tell(shop, terms=under(model))
    assert whole.changes
    for batch in (1, 7, 500):
        assert tell(shop, batch, under(model)) == whole


@FAMILIES
@given(events=logs.logs, days=st.lists(st.floats(0.0, 4_000.0), min_size=2, max_size=6))
@settings(max_examples=40, deadline=None)
def test_nothing_rises_in_silence(model: Model, events: list[dict[str, Any]], days: list[float]) -> None:
    compiled_model = model_by_address(model)
    for blob in tell(events, terms=under(model)).blobs.values():
        clock_us = int(peek(blob).clock_us)
        looks = [look_of(blob, clock_us + int(day * DAY_US), model) for day in sorted(days)]
        for measure in (value_of, p_alive_of, tail_of):
            told = [measure(compiled_model, inputs) for inputs in looks]
            assert all(np.isfinite(told))
            # of who brings a loss an order, silence makes less of it; the 2008 forecast never rises
            if measure is not value_of or told[0] >= 0.0 or model.family == Family.SYNLEAD:
                assert all(later <= earlier + 1e-9 * abs(earlier) for earlier, later in pairwise(told))


def wait(blob: bytes, until_us: int, terms: Terms) -> tuple[bytes, Records]:
    """Let silence act on one stored ledger up to an instant."""
    tick = np.zeros(1, EVENT)
    tick["kind"], tick["now_us"] = Kind.TICK, until_us
    ledgers = open_ledgers([blob], np.zeros(1, np.int64))
    ran = run(ledgers, tick, terms, terms, LIMITS)
    return pack_ledgers(ledgers)[0], ran.changes


@FAMILIES
def test_silence_lowers_a_tier_at_the_first_second_below_its_boundary(model: Model, shop: list[dict[str, Any]]) -> None:
    falls = 0
    for blob in tell(shop, terms=under(model)).blobs.values():
        end_us = int(peek(blob).clock_us) + 3_000 * DAY_US
        ledger, changes = wait(blob, end_us, under(model))
        for change in changes:
            falls += 1
            level = rules_of(model).leave[int(change.from_tier)]
            before = look_of(ledger, int(change.at_us) - SECOND_US, model)
            assert value_of(model_by_address(model), before) >= level > change.to_value
            assert change.event == -1
        assert peek(ledger).due_us > end_us or peek(ledger).due_us == NEVER_US
    assert falls > 50
