"""The rule of taking: what follows what, whatever the order of records."""

from itertools import permutations

import pytest

from scoring.defaults import DEFAULT_MODEL
from scoring.layout import Cause
from state.errors import StateError
from streams.config import Version
from streams.versions import REMEMBERED, Versioned, Versions, lacking, newest, only, pack, take, unpack, versions_of
from tests.support.commits import head
from tests.support.kernel import TERMS

FIRST = Version(TERMS)
POORER = DEFAULT_MODEL._replace(horizon_days=20.0)
HOUR = 3_600


def boundary(name: str, made: int, from_us: int) -> Versioned:
    """Told apart by how long one stays in a tier."""
    return Versioned(name, made, from_us, name, TERMS.rules._replace(min_stay_us=made), TERMS.drift)


def model(name: str, made: int, from_us: int) -> Versioned:
    return boundary(name, made, from_us)._replace(model=name, parameters=POORER._replace(discount=float(made)))


def taken(*told: Versioned) -> Versions:
    held = only(FIRST)
    for one in told:
        held = take(held, one)
    return held


def test_a_new_version_moves_the_one_in_force_back_and_has_the_next_number() -> None:
    held = taken(boundary("b", 10, 20))
    assert (held.old, held.new.terms.number, held.new.terms.from_us, held.new.id) == (FIRST, 2, 20, "b")
    assert held.new.terms.model == DEFAULT_MODEL
    assert (held.at(19), held.at(20), held.named(1), held.named(2)) == (FIRST, held.new, FIRST, held.new)
    later = take(held, model("m", 30, 40))
    assert (later.old, later.new.terms.number, later.new.model) == (held.new, 3, "m")


def test_the_cause_is_the_model_only_where_the_model_changes() -> None:
    assert taken(boundary("b", 10, 20)).new.terms.cause == Cause.BOUNDARY
    assert taken(model("m", 10, 20)).new.terms.cause == Cause.MODEL
    assert taken(model("m", 10, 20), boundary("b", 30, 40)).new.terms.cause == Cause.BOUNDARY


def test_a_record_that_was_taken_before_changes_nothing() -> None:
    held = taken(boundary("b", 10, 20), boundary("c", 30, 40))
    assert take(held, boundary("b", 10, 20)) is held
    assert take(held, boundary("c", 90, 95)) is held


def test_boundaries_leave_the_newest_model_in_force() -> None:
    held = taken(model("m", 10, 20), boundary("b", 30, 40))
    assert (held.new.model, held.new.boundaries) == ("m", "b")
    assert held.new.terms.model.discount == 10.0


def test_in_whatever_order_records_lie_the_same_model_and_boundaries_hold() -> None:
    told = [model("m1", 10, 100), boundary("b", 20, 50), model("m2", 30, 60), boundary("c", 40, 41)]
    ends = [taken(*order).new for order in permutations(told)]
    assert {(end.model, end.boundaries) for end in ends} == {("m2", "c")}
    assert {(end.terms.model, end.terms.rules, end.terms.drift) for end in ends} == {
        (told[2].parameters, told[3].rules, told[3].drift)
    }


def test_of_two_made_at_once_the_same_holds_in_either_order() -> None:
    one, other = boundary("one", 10, 20), boundary("other", 10, 30)
    assert taken(one, other).new.boundaries == taken(other, one).new.boundaries


def test_a_version_that_was_not_in_force_when_the_next_was_made_never_is() -> None:
    held = taken(boundary("b", 10, 10 + HOUR), boundary("c", 20, 30))
    assert (held.old, held.new.terms.number, held.new.boundaries) == (FIRST, 3, "c")
    in_force = taken(boundary("b", 10, 20), boundary("c", 20, 30))
    assert in_force.old.boundaries == "b"


def test_so_many_ids_are_remembered() -> None:
    held = taken(*(boundary(str(i), i, i) for i in range(1, 60)))
    assert len(held.ids) == REMEMBERED
    assert held.ids[-1] == "59"


def test_what_a_head_holds_comes_back_with_all_that_floats_can_say() -> None:
    held = taken(model("m", 10, 20))
    assert unpack(pack(held)) == held
    assert all(type(x) is float for x in (*unpack(pack(held)).new.terms.rules.enter, held.new.terms.model.r))
    assert versions_of(b"", FIRST) == only(FIRST)


def test_the_head_that_is_furthest_on_speaks_for_the_partition() -> None:
    behind, ahead = taken(boundary("b", 1, 2)), taken(boundary("b", 1, 2), boundary("c", 3, 4))
    heads = [head(1), head(1)._replace(versions=pack(ahead)), head(1)._replace(versions=pack(behind))]
    assert newest(heads) == pack(ahead)
    assert newest(heads[:1]) == b""


def test_what_only_some_buckets_have_is_told_as_the_record_that_brought_it() -> None:
    told = (boundary("b", 1, 2), model("m", 3, 4))
    with_all, with_one = (head(1)._replace(versions=pack(taken(*some))) for some in (told, told[:1]))
    assert lacking([with_all, with_one, head(1)]) == told[1]
    assert lacking([with_one, head(1)]) == told[0]
    for heads in ([], [head(1)], [with_all], [with_all, with_all]):
        assert lacking(heads) is None


def test_in_whatever_order_they_came_nothing_is_lacking_where_all_have_come() -> None:
    told = (boundary("b", 1, 2), model("m", 3, 4))
    one, other = (head(1)._replace(versions=pack(taken(*some))) for some in (told, told[::-1]))
    assert one != other
    assert lacking([one, other]) is None


def test_versions_that_are_not_ours_are_told_not_guessed() -> None:
    with pytest.raises(StateError, match="not ours"):
        unpack(b"\xc1")
