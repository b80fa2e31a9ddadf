"""Short ways to say a commit."""

from collections.abc import Mapping, Sequence

from state.store import Commit, Entry, Head, Owned


def commit(
    owned: Owned,
    sequence: int = 1,
    states: Mapping[bytes, bytes] | None = None,
    deadlines: Mapping[bytes, int] | None = None,
    messages: Sequence[bytes] = (),
) -> Commit:
    """The `sequence`-th commit of a bucket's owner; its head tells that it is."""
    outbox = [entry(sequence, index, value) for index, value in enumerate(messages)]
    return Commit(
        owned.bucket, owned.epoch, head(sequence), list((states or {}).items()), list((deadlines or {}).items()), outbox
    )


def head(sequence: int) -> Head:
    """A head whose every field follows from its sequence."""
    return Head(sequence, {"orders": 10 * sequence, "interactions": sequence}, 1_000 * sequence, {"applied": sequence})


def entry(sequence: int, index: int, value: bytes) -> Entry:
    return Entry(sequence, index, "tier-changes", b"customer \xc3\xa9", value, [("ce_id", b"1"), ("ce_type", b"")])
