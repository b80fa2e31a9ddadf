"""What the demo shows in a terminal: the newest tier changes, how many customers stand in each tier, and how fast it goes."""

import time
from collections import Counter, deque

from rich.console import Console, ConsoleOptions, Group, RenderResult
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from streams.events.out import TierChanged

RECENT = 14
TIERS = ("high", "middle", "low", "loss")
COLOURS = {"high": "bold green", "middle": "cyan", "low": "yellow", "loss": "red", None: "dim"}
RANKS = {None: 0, "loss": 1, "low": 2, "middle": 3, "high": 4}


class LiveBoard:
    """Collects what happens; rich asks it to draw itself a few times a second."""

    def __init__(self) -> None:
        self._recent: deque[TierChanged] = deque(maxlen=RECENT)
        self._tiers: dict[str, str | None] = {}
        self._moves: Counter[str] = Counter()
        self._total = self._sent = 0
        self._started_s = self._latest_s = 0.0
        self._day = "starting"

    def total(self, events: int) -> None:
        """How many events there are."""
        self._total = events

    def sent(self, events: int) -> None:
        """How many of them are on the broker."""
        self._latest_s = time.monotonic()
        self._started_s = self._started_s or self._latest_s
        self._sent = events

    def changed(self, change: TierChanged) -> None:
        """A customer's tier rose or fell."""
        self._recent.appendleft(change)
        self._day = change.occurred_at[:10] if self._day == "starting" else max(self._day, change.occurred_at[:10])
        self._tiers[change.customer_id] = change.to.tier
        self._moves["rose" if RANKS[change.to.tier] > RANKS[change.from_.tier] else "fell"] += 1
        self._moves["by silence"] += change.cause == "silence"

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Progress, tiers, changes, from top to bottom."""
        yield Group(self._progress(), self._counts(), self._changes())

    def _progress(self) -> Table:
        elapsed_s = self._latest_s - self._started_s
        rate = self._sent / elapsed_s if elapsed_s > 0 else 0.0
        line = Table.grid(padding=(0, 2))
        bar = ProgressBar(total=max(1, self._total), completed=self._sent, width=40)
        line.add_row(Text(self._day, "bold"), bar, f"{self._sent:,} of {self._total:,} orders", f"{rate:,.0f} events/s")
        return line

    def _counts(self) -> Text:
        held = Counter(self._tiers.values())
        line = Text()
        for tier in TIERS:
            line.append(f"{tier} {held[tier]:,}   ", COLOURS[tier])
        moves = self._moves
        return line.append(
            f"rose {moves['rose']:,}, fell {moves['fell']:,}, {moves['by silence']:,} of them by silence"
        )

    def _changes(self) -> Table:
        table = Table(
            "date", "customer", "from", "", "to", "value", "cause", box=None, header_style="dim", min_width=70
        )
        table.columns[5].justify = "right"
        for change in self._recent:
            rose = RANKS[change.to.tier] > RANKS[change.from_.tier]
            table.add_row(
                change.occurred_at[:10],
                change.customer_id,
                Text(change.from_.tier or "new", COLOURS[change.from_.tier]),
                Text("▲", "green") if rose else Text("▼", "red"),
                Text(change.to.tier or "none", COLOURS[change.to.tier]),
                f"{change.to.value} {change.currency}",
                change.cause,
            )
        return table


class QuietBoard:
    """Shows nothing: for --json, and where there is no terminal."""

    def total(self, events: int) -> None:
        """See Board."""

    def sent(self, events: int) -> None:
        """See Board."""

    def changed(self, change: TierChanged) -> None:
        """See Board."""
