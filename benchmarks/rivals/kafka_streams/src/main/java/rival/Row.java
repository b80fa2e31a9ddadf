package rival;

/**
 * One distinct fact of a customer: an order placed, a cancellation, a refund, a credit. Rows are sorted by order, kind
 * and sub-identity, so that what concerns one order lies together.
 *
 * @param order hash of the order's id; of the refund's where it names no order
 * @param sub PLACED: revision; REFUND and CREDIT: hash of the refund's id; else 0
 * @param at microseconds since 1970
 * @param amount minor units, as cost
 */
record Row(long order, byte kind, long sub, long at, long amount, long cost, boolean costNamed) {
    static final byte PLACED = 0;
    static final byte CANCELLED = 1;
    static final byte REFUND = 2;
    static final byte CREDIT = 3;

    /** Where the row stands among the others; 0: it is the same one. */
    int compareIdentity(Row other) {
        if (order != other.order) {
            return Long.compare(order, other.order);
        }
        return kind != other.kind ? Byte.compare(kind, other.kind) : Long.compare(sub, other.sub);
    }

    /** Of one identity told twice the least content holds, whichever came first; 0: told word for word. */
    int compareContent(Row other) {
        if (at != other.at) {
            return Long.compare(at, other.at);
        }
        if (amount != other.amount) {
            return Long.compare(amount, other.amount);
        }
        if (cost != other.cost) {
            return Long.compare(cost, other.cost);
        }
        return costNamed != other.costNamed ? Boolean.compare(costNamed, other.costNamed) : compareIdentity(other);
    }
}
