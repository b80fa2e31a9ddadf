"""How a partition takes versions of model and boundaries: a pure rule over the records of its `commands`.

Two versions are held: what is judged by, and what went before, because customers meet a new one each at its own instant.
A model and boundaries may be made by different hands at the same time. Of each the one made last holds, so that every
partition ends with the same, in whatever order the records lie there.
"""

from collections.abc import Iterable
from typing import NamedTuple, TypeAlias

from msgspec import msgpack

from scoring.layout import Cause
from scoring.terms import Drift, Model, Rules
from state.errors import StateError
from state.sealed import UNREADABLE, opened, sealed
from state.store import Head
from streams.config import Version

REMEMBERED = 16  # ids of records taken
_BOUNDARY = int(Cause.BOUNDARY)
_MODEL = int(Cause.MODEL)

Made: TypeAlias = tuple[int, str]  # when a record was made, and its id: a total order

NEVER_MADE: Made = (0, "")


class Versioned(NamedTuple):
    """A record `terms.versioned`, read: new boundaries, and with a new model also that."""

    id: str
    made_us: int
    from_us: int
    boundaries: str
    rules: Rules
    drift: Drift
    model: str | None = None  # name; None: the model in force stays
    parameters: Model | None = None

    @property
    def made(self) -> Made:
        """Its place in the order of making."""
        return self.made_us, self.id


class Versions(NamedTuple):
    """What a bucket's customers are judged by: `new` from new.terms.from_us on, `old` before."""

    old: Version
    new: Version
    model_made: Made = NEVER_MADE
    rules_made: Made = NEVER_MADE
    ids: tuple[str, ...] = ()  # of the records taken, newest last

    def named(self, number: int) -> Version:
        """By the number of its terms."""
        return self.old if number == self.old.terms.number else self.new

    @property
    def drawn(self) -> bool:
        """Whether the boundaries came from a record, not from the settings."""
        return self.rules_made != NEVER_MADE

    def at(self, at_us: int) -> Version:
        """In force at an instant."""
        return self.new if at_us >= self.new.terms.from_us else self.old


def only(first: Version) -> Versions:
    """Where nothing was ever taken."""
    return Versions(first, first)


def take(held: Versions, told: Versioned) -> Versions:
    """The versions after a record. The very same where it was taken before, or newer ones of all it says are held."""
    model_is_newer = told.parameters is not None and told.made > held.model_made
    rules_are_newer = told.made > held.rules_made
    if told.id in held.ids or not (model_is_newer or rules_are_newer):
        return held
    # a version that was not in force yet when this one was made never will be
    old = held.old if held.new.terms.from_us > told.made_us else held.new
    terms, model, boundaries = held.new.terms, held.new.model, held.new.boundaries
    if model_is_newer and told.parameters is not None:
        terms, model = terms._replace(model=told.parameters), told.model or told.id
    if rules_are_newer:
        terms, boundaries = terms._replace(rules=told.rules, drift=told.drift), told.boundaries
    cause = _MODEL if terms.model != old.terms.model else _BOUNDARY
    terms = terms._replace(number=terms.number + 1, from_us=told.from_us, cause=cause)
    return Versions(
        old,
        Version(terms, model, boundaries, told.id),
        told.made if model_is_newer else held.model_made,
        told.made if rules_are_newer else held.rules_made,
        (*held.ids, told.id)[-REMEMBERED:],
    )


def lacking(heads: Iterable[Head]) -> Versioned | None:
    """The record made last that some bucket has and another does not: on its way there, or its publisher died."""
    every = [unpack(packed) if packed else None for packed in {head.versions for head in heads}]
    held = [versions for versions in every if versions]
    if len(every) < 2 or not held:
        return None
    last = max(held, key=lambda versions: max(versions.model_made, versions.rules_made))
    version = last.new
    if version.id is None or all(versions and version.id in versions.ids for versions in every):
        return None
    made_us, _ = next(made for made in (last.rules_made, last.model_made) if made[1] == version.id)
    terms, is_model = version.terms, last.model_made[1] == version.id
    told = Versioned(version.id, made_us, terms.from_us, version.boundaries, terms.rules, terms.drift)
    return told._replace(model=version.model, parameters=terms.model) if is_model else told


def newest(heads: Iterable[Head]) -> bytes:
    """The packed versions that are furthest on; empty where no head has any."""
    packed = {head.versions for head in heads if head.versions}
    return max(packed, key=lambda one: unpack(one).new.terms.number, default=b"")


def versions_of(packed: bytes, first: Version) -> Versions:
    """What a head holds, or `first` where nothing was ever taken."""
    return unpack(packed) if packed else only(first)


def pack(versions: Versions) -> bytes:
    """As a head holds them."""
    return sealed(_encode(versions))


def unpack(packed: bytes) -> Versions:
    """The same back. Raises StateError."""
    try:
        return _decode(opened(packed))
    except UNREADABLE as error:
        raise StateError(
            "The field `versions` of a head in Redis is damaged, or not ours: is the namespace shared? It is left as it is: "
            f"see docs/operations.md ({error})"
        ) from error


_encode = msgpack.Encoder().encode
_decode = msgpack.Decoder(Versions).decode
