"""What `ebbtide rebuild` says of what it found, whatever lies in Redis."""

import numpy as np

from ebbtide.cli.rebuild import _told
from ebbtide.rebuilding import Rebuilt
from scoring.ledgers import open_ledgers
from state.store import Commit, Head
from streams.rebuild.comparing import Difference
from streams.rebuild.settling import Settled


def test_an_id_that_is_no_utf8_is_told_after_the_switch_too() -> None:
    header = open_ledgers([None], np.zeros(1, np.int64)).headers[0]
    extra = Difference(b"\xff\xfe", ("extra",), header, None)
    settled = Settled(17, 0, {"extra": 1}, [extra], (1, 1), Commit(17, 1, Head(1, {}, 0, {}), [], [], []), [])
    [told] = _told(Rebuilt([settled], [], 1), "USD", dry_run=False)["first"]
    assert told["customer_id"] == told["before"]["customer_id"] == "\\xff\\xfe"
    assert told["after"] is None
