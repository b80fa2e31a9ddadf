"""Customers of a batch: each once, those of a bucket together, in the order in which they came."""

from collections.abc import Sequence

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.grouping import buckets_at, differing, group
from scoring.hashing import buckets, flat
from scoring.layout import Bytes, Ints


def where(texts: Sequence[bytes]) -> tuple[Bytes, Ints]:
    data, ends = flat(texts)
    lengths = np.fromiter(map(len, texts), np.int64, len(texts))
    return data, np.stack((ends - lengths, ends), axis=1)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.sampled_from([b"a", b"b", b"ab", b"abc", *(b"c%d" % i for i in range(30))]), min_size=1, max_size=80)
)
def test_grouping_is_a_stable_sort_of_the_distinct_customers_by_bucket(texts: list[bytes]) -> None:
    data, ids = where(texts)
    home = buckets_at(data, ids)
    assert home.tolist() == buckets(texts).tolist()
    grouped = group(data, ids, home)
    distinct = list(dict.fromkeys(texts))
    expected = sorted(distinct, key=lambda text: int(buckets([text])[0]))
    assert [texts[i] for i in grouped.first.tolist()] == expected
    assert [expected[c] for c in grouped.customer.tolist()] == texts
    assert grouped.bucket.tolist() == buckets(expected).tolist()
    assert grouped.ends.tolist() == np.searchsorted(buckets(expected), np.arange(256), "right").tolist()


def test_a_key_that_is_not_the_customers_id_differs() -> None:
    data, ids = where([b"c1", b"c1", b"c1", b"c1", b"c1"])
    assert differing(data, ids, *flat([b"c1", b"", b"c2", b"c11", b"c1"])).tolist() == [False, True, True, True, False]
