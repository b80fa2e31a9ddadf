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

    /** This ledger after one more event; itself where the event was told before, word for word. */
    Ledger take(Row told) {
        int before = Rows.find(rows, told);
        if (before < 0) {
            return stand(Rows.with(rows, told), told.at());
        }
        int order = told.compareContent(rows[before]);
        if (order == 0) {
            return this;
        }
        return stand(order < 0 ? Rows.with(Rows.without(rows, before), told) : rows, told.at());
    }

    private Ledger stand(Row[] more, long at) {
        long now = Math.max(clock, at);
        Facts facts = Facts.of(more);
        double worth = Value.of(facts, now);
        int next = Tiers.next(tier, since, facts, worth, now);
        return next == tier
                ? new Ledger(more, now, tier, since, sequence, worth)
                : new Ledger(more, now, next, now, sequence + 1, worth);
    }
}
