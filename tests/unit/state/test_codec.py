"""What is packed comes back."""

import msgspec
import pytest

from scoring.layout import LAYOUT
from state.codec import decode_entry, decode_head, encode_entries, encode_head
from state.errors import StateError
from state.sealed import opened, sealed
from state.store import Entry, Head


def test_a_head_comes_back_with_every_integer() -> None:
    head = Head(7, {"orders": 2**62, "interactions": 0}, -5, {"consumed": 2**63 - 1, "dead.not_json": 0}, 5)
    assert decode_head(7, encode_head(head)) == head


def test_a_head_of_layout_1_is_read() -> None:
    assert decode_head(7, b"\x93\x80\x05\x80") == Head(7, {}, 5, {})


def test_a_head_of_a_later_layout_is_told_from_a_damaged_one() -> None:
    later = sealed(msgspec.msgpack.encode([LAYOUT + 1, "what we cannot know"]))
    with pytest.raises(StateError, match=rf"newer Ebbtide \(layout {LAYOUT + 1}\): update this one first"):
        decode_head(7, later)


def test_a_release_that_knows_layout_1_only_reads_nothing_of_our_heads() -> None:
    class HeadOf1(msgspec.Struct, array_like=True):  # state/codec.py as it was then
        offsets: dict[str, int]
        clock_us: int
        counters: dict[str, int]

    with pytest.raises(msgspec.DecodeError):
        msgspec.msgpack.decode(encode_head(Head(7, {}, 5, {})), type=HeadOf1)


def test_a_bucket_that_was_only_acquired_has_an_empty_head() -> None:
    assert decode_head(0, b"") == Head(0, {}, 0, {})


@pytest.mark.parametrize("packed", [b"\xc1", b"{}", b"\x93\x80\x00"])
def test_a_head_that_is_not_ours_is_told_not_guessed(packed: bytes) -> None:
    with pytest.raises(StateError, match="not one of ours"):
        decode_head(1, packed)


def test_an_entry_comes_back_under_the_number_that_the_stream_gave_it() -> None:
    entry = Entry(3, 0, "tier-changes", bytes(range(256)), b"", [("ce_id", b"\xff"), ("", b"")])
    assert [decode_entry(b"3-0", packed) for packed in encode_entries(3, [entry])] == [entry]


def test_an_entry_of_layout_1_is_read() -> None:
    entry = Entry(3, 0, "tier-changes", b"ada", b"{}", [("ce_id", b"ada:1")])
    [packed] = encode_entries(3, [entry])
    assert decode_entry(b"3-0", opened(packed)) == entry


@pytest.mark.parametrize(("sequence", "index"), [(2, 0), (3, 1)])
def test_an_entry_numbered_otherwise_than_the_stream_will_is_refused(sequence: int, index: int) -> None:
    with pytest.raises(StateError, match=f"numbered {sequence}-{index}"):
        encode_entries(3, [Entry(sequence, index, "t", b"", b"", [])])
