"""A failing run made small: faults and records that it fails without are left out, one after another."""

from tests.simulation.plan import Plan
from tests.simulation.world import SOUND, Bug, Outcome, run

TRIES = 60


def shrunk(outcome: Outcome, bug: Bug = SOUND) -> Outcome:
    """The smallest failing outcome found within so many tries; the same where nothing can be left out."""
    tries = TRIES
    smallest = outcome
    while tries > 0:
        for plan in _smaller(smallest):
            tries -= 1
            smaller = run(plan, bug)
            if smaller.problems:
                smallest = smaller
                break
            if not tries:
                break
        else:
            break
    return smallest


def _smaller(outcome: Outcome) -> list[Plan]:
    """The same with half of the faults, with one less, with a shorter log."""
    plan = outcome.plan
    count, records = len(plan.faults), len(plan.log())
    halves = [plan.faults[: count // 2], plan.faults[count // 2 :]] if count > 2 else []
    fewer = [*halves, *(plan.faults[:i] + plan.faults[i + 1 :] for i in range(count))]
    shorter = [most for most in (records // 2, records * 3 // 4, records * 9 // 10) if 0 < most < records]
    return [
        *(plan._replace(faults=faults) for faults in fewer),
        *(plan._replace(records=most) for most in shorter),
    ]


def told(outcome: Outcome, lines: int = 40) -> str:
    """A failure for whoever has to find it: seed, what is wrong, what it takes, and the last happenings."""
    plan = outcome.plan
    return "\n".join(
        (
            f"seed {plan.seed}: {'; '.join(outcome.problems)}",
            f"  {plan.workers} workers, {plan.shape.partitions} partitions, {len(plan.log())} records, clock {plan.clock}, "
            f"batches of {plan.batch}, {plan.redis_s:g} s to Redis, {plan.broker_s:g} s to Kafka",
            *(f"  fault at {fault}" for fault in plan.faults),
            *list(outcome.lines)[len(outcome.lines) - min(lines, len(outcome.lines)) :],
            f"again: python -m tests.simulation --seed {plan.seed} --trace",
        )
    )
