package rival;

/**
 * All that is kept of one customer: distinct rows, and where the customer stands.
 *
 * @param clock the latest time of all events so far, microseconds
 * @param since when the tier was entered
 * @param sequence tier changes so far
 * @param value as of the clock, minor units
 */
record Ledger(Row[] rows, long clock, int tier, long since, long sequence, double value) {
    static final Ledger EMPTY = new Ledger(new Row[0], 0, Tiers.NONE, 0, 0, 0.0);

    /** This ledger after one more event; itself where the event was told before. */
    Ledger take(Row told) {
        Row[] more = Rows.with(rows, told);
        if (more == rows) {
            return this;
        }
        long now = Math.max(clock, told.at());
        Facts facts = Facts.of(more);
        double worth = Value.of(facts, now);
        int next = Tiers.next(tier, since, facts, worth, now);
        return next == tier
                ? new Ledger(more, now, tier, since, sequence, worth)
                : new Ledger(more, now, next, now, sequence + 1, worth);
    }
}
