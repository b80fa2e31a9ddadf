"""What a rebuild tells of a customer whose tier came out another than it was: where they stand now, and no reason."""

from scoring.layout import Record
from streams.config import Scoring, Version
from streams.events.currency import decimals_of
from streams.events.messages import TIERS
from streams.events.out import Standing, TierChanged
from streams.events.text import money_text, time_text

CORRECTED = "corrected"  # in the id of a correction, between customer and epoch


def tier_corrected(
    customer_id: bytes,
    was: Record | None,
    now: Record,
    epoch: int,
    version: Version,
    scoring: Scoring,
    emitted_at: str,
) -> TierChanged:
    """From one header to another; was None: what was told last is not known. `epoch`: under which the bucket is switched."""
    decimals = decimals_of(scoring.currency)
    customer = customer_id.decode()
    return TierChanged(
        id=f"{customer}:{CORRECTED}:{epoch}",  # no number of the log's: Redis may fall back, and the log says others then
        customer_id=customer,
        occurred_at=time_text(int(now["clock_us"])),
        emitted_at=emitted_at,
        cause="correction",
        cause_id=None,
        from_=Standing(None, money_text(0, decimals), 0.0) if was is None else _standing(was, decimals),
        to=_standing(now, decimals),
        currency=scoring.currency,
        why=[],
        model=version.model,
        boundaries=version.boundaries,
        keep=None,
        muted=True,
    )


def _standing(header: Record, decimals: int) -> Standing:
    value = money_text(round(float(header["value"])), decimals)
    return Standing(TIERS[int(header["tier"])], value, float(header["p_alive"]))
