"""RFM of a whole state: one pass over everyone, then cells and segments."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ebbtide.everyone import everyone
from ebbtide.segments_file import Segments
from scoring.layout import Floats, Ints, Record, Records
from scoring.ledgers import Ledgers
from scoring.rfm.cells import Cells, cells_of, scores, tally
from scoring.rfm.sums import Rfm, window
from scoring.terms import Model

if TYPE_CHECKING:
    from state.store import Store


class Population(NamedTuple):
    """Everybody's RFM as of an instant, and what they are worth then; each of shape (n,)."""

    ids: list[bytes]
    rfm: Rfm
    value: Floats  # expected profit, minor units


class Group(NamedTuple):
    """Customers of one cell or segment."""

    name: str  # of the segment
    cell: tuple[int, ...]  # recency, frequency, monetary; empty where it is a whole segment
    customers: int
    value: float  # their expected profit, minor units
    monetary: int  # what they brought in the window, minor units
    recency_days: float  # mean
    orders: float  # mean


class Told(NamedTuple):
    """The 125 cells and the segments of a population."""

    cells: Cells
    scores: Ints  # shape (n, 3)
    by_cell: list[Group]  # the cells with customers in them, 5-5-5 first
    by_segment: list[Group]  # every segment, in the file's order


async def population_of(
    store: "Store", as_of_us: int, days: float | None, count_free_orders: bool, model: Model, damaged: list[str]
) -> Population:
    """RFM and value of everybody in one pass; `days`: the window, None for all of life. `damaged`: see everyone."""
    ids: list[bytes] = []
    parts: list[Rfm] = [Rfm(np.empty(0), np.empty(0, np.int64), np.empty(0, np.int64))]
    values: list[Floats] = [np.empty(0)]
    async for some in everyone(store, model, as_of_us, damaged):
        ids += some.ids
        parts.append(window(some.ledgers, as_of_us, days, count_free_orders))
        values.append(some.values)
    rfm = Rfm(
        np.concatenate([part.recency_days for part in parts]),
        np.concatenate([part.orders for part in parts]),
        np.concatenate([part.monetary for part in parts]),
    )
    return Population(ids, rfm, np.concatenate(values))


def tell(population: Population, segments: Segments) -> Told:
    """Boundaries from this population, and who stands where. Who has no order in the window stands nowhere."""
    cells = cells_of(tally(population.rfm))
    told = scores(population.rfm, cells)
    keys = told @ np.array([100, 10, 1])
    by_cell = []
    for key in np.unique(keys[keys > 0])[::-1].tolist():
        cell = (key // 100, key // 10 % 10, key % 10)
        by_cell.append(_group(population, keys == key, segments.of_cell[cell], cell))
    named = {name: np.zeros(len(keys), bool) for name in segments.names}
    for group in by_cell:
        named[group.name] |= keys == group.cell[0] * 100 + group.cell[1] * 10 + group.cell[2]
    return Told(cells, told, by_cell, [_group(population, there, name, ()) for name, there in named.items()])


def cell_of(header: Record, rows: Records, as_of_us: int, days: float | None, free: bool, cells: Cells) -> list[int]:
    """One customer's recency, frequency and monetary from 1 to 5 against live boundaries; zeros without an order."""
    one = Ledgers(np.array([header]), rows, np.array([0, len(rows)]))
    return [int(score) for score in scores(window(one, as_of_us, days, free), cells)[0]]


def grid(told: Told, what: Sequence[float]) -> Floats:
    """Sums of a number a cell (as by_cell has them) by recency (row 0: 5) and frequency (column 0: 1), shape (5, 5)."""
    sums = np.zeros((5, 5))
    for group, number in zip(told.by_cell, what, strict=True):
        sums[5 - group.cell[0], group.cell[1] - 1] += number
    return sums


def _group(population: Population, there: "np.typing.NDArray[np.bool_]", name: str, cell: tuple[int, ...]) -> Group:
    rfm, some = population.rfm, bool(there.any())
    return Group(
        name,
        cell,
        int(there.sum()),
        float(population.value[there].sum()),
        int(rfm.monetary[there].sum()),
        float(rfm.recency_days[there].mean()) if some else 0.0,
        float(rfm.orders[there].mean()) if some else 0.0,
    )
