"""Ids of tier changes and drift alerts: a customer's line of numbers, and what is told beside it."""


def number_of(told_id: str) -> int | None:
    """Which of its customer's changes or alerts it is, from 1; None: a rebuild's correction, which takes no number."""
    line, _, number = told_id.rpartition(":")
    return None if line.endswith(":corrected") else int(number)
