"""Months, quarters and years of the UTC calendar, numbered from the one that holds 1970-01-01.

Days from and to civil dates: Hinnant, "chrono-Compatible Low-Level Date Algorithms" (2013); years begin in March there,
so that the leap day comes last.
"""

from scoring.compiled import compiled
from scoring.layout import DAY_US
from scoring.synlead.period_names import MONTHS

_ERA_DAYS = 146_097  # 400 years
_EPOCH = 719_468  # days from 0000-03-01 to 1970-01-01


@compiled
def period_of(us: int, unit: int) -> int:
    """The index of the period that holds this instant; the period of 1970-01-01 is 0. `unit` is a Period."""
    days = us // DAY_US + _EPOCH
    era = days // _ERA_DAYS
    day_of_era = days - era * _ERA_DAYS
    year_of_era = (day_of_era - day_of_era // 1460 + day_of_era // 36_524 - day_of_era // 146_096) // 365
    day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    from_march = (5 * day_of_year + 2) // 153
    month = (year_of_era + era * 400 - 1970) * 12 + from_march + 2  # 0: January 1970
    return int(month // MONTHS[unit])


@compiled
def period_start_us(index: int, unit: int) -> int:
    """The first instant of the period."""
    from_march = index * MONTHS[unit] + 1970 * 12 - 2  # months since 0000-03-01
    year = from_march // 12
    era = year // 400
    year_of_era = year - era * 400
    day_of_year = (153 * (from_march - year * 12) + 2) // 5
    day_of_era = year_of_era * 365 + year_of_era // 4 - year_of_era // 100 + day_of_year
    return int((era * _ERA_DAYS + day_of_era - _EPOCH) * DAY_US)
