package rival;

import java.util.Arrays;

/** What a customer's rows say, in whatever order they came. Times in microseconds, money in minor units. */
record Facts(int orders, int purchaseDays, long first, long last, long monetary, long cost) {
    private static final long DAY = 86_400_000_000L;

    static Facts of(Row[] rows) {
        long[] times = new long[rows.length];
        int orders = 0;
        long held = 0;
        long cost = 0;
        long credits = 0;
        for (int start = 0, end; start < rows.length; start = end) {
            end = start + 1;
            while (end < rows.length && rows[end].order() == rows[start].order()) {
                end++;
            }
            Row placed = null;
            boolean cancelled = false;
            long returned = 0;
            long costBack = 0;
            long unpriced = 0; // what of the refunds named no cost
            for (int i = start; i < end; i++) {
                Row row = rows[i];
                switch (row.kind()) {
                    case Row.PLACED -> placed = row; // revisions ascend: the highest holds
                    case Row.CANCELLED -> cancelled = true;
                    case Row.CREDIT -> credits += row.amount();
                    default -> {
                        returned += row.amount();
                        costBack += row.costNamed() ? row.cost() : 0;
                        unpriced += row.costNamed() ? 0 : row.amount();
                    }
                }
            }
            if (placed == null || cancelled) {
                continue;
            }
            long left = placed.amount() - Math.min(placed.amount(), returned);
            if (unpriced > 0 && placed.amount() > 0 && placed.cost() > 0) {
                costBack += shareOf(placed.cost(), Math.min(placed.amount(), unpriced), placed.amount());
            }
            held += left;
            cost += Math.max(0, placed.cost() - costBack);
            if (left > 0 || placed.amount() == 0) {
                times[orders++] = placed.at();
            }
        }
        long monetary = Math.max(0, held - credits);
        if (orders == 0) {
            return new Facts(0, 0, 0, 0, monetary, cost);
        }
        Arrays.sort(times, 0, orders);
        int days = 1;
        for (int i = 1; i < orders; i++) {
            days += Math.floorDiv(times[i], DAY) == Math.floorDiv(times[i - 1], DAY) ? 0 : 1;
        }
        return new Facts(orders, days, times[0], times[orders - 1], monetary, cost);
    }

    /** floor(cost * part / whole), exact up to 10^12 each. */
    private static long shareOf(long cost, long part, long whole) {
        long high = Math.multiplyHigh(cost, part);
        long low = cost * part;
        if (high == 0 && low >= 0) {
            return low / whole;
        }
        return java.math.BigInteger.valueOf(cost)
                .multiply(java.math.BigInteger.valueOf(part))
                .divide(java.math.BigInteger.valueOf(whole))
                .longValue();
    }
}
