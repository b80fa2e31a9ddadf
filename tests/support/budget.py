"""The budget's rule told plainly: whole lists, sorted anew for every question."""

from collections.abc import Sequence

from scoring.budget import Candidate
from scoring.layout import DAY_US


def plainly(asked: Sequence[Candidate], limit: int) -> list[bool]:
    """What becomes of each, one after another."""
    told: list[bool] = []
    for i, (alert_id, at_us, at_risk) in enumerate(asked):
        earlier = list(zip(asked[:i], told, strict=True))
        day = at_us // DAY_US
        granted = {a.alert_id for a, yes in earlier if yes and a.at_us // DAY_US == day}
        yesterday = sorted({a.alert_id: a.at_risk for a, _ in earlier if a.at_us // DAY_US == day - 1}.values())
        among_best = len(yesterday) < limit or at_risk >= yesterday[-limit]
        in_pace = len(granted) + 0.5 < limit * ((at_us - day * DAY_US) / DAY_US) * ((at_us - day * DAY_US) / DAY_US)
        told.append(alert_id in granted or (len(granted) < limit and (among_best or in_pace)))
    return told
