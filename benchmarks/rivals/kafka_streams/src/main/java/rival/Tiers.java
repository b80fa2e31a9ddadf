package rival;

/** Which tier a value means, with hysteresis and a minimum stay: the start boundaries of ebbtide/tiers.toml. */
final class Tiers {
    static final int NONE = 0;
    static final String[] NAMES = {"none", "loss", "low", "middle", "high"};
    private static final int LOSS = 1;
    private static final int HIGH = 4;
    private static final double[] ENTER = {0, Double.NEGATIVE_INFINITY, 0, 2_500, 10_000};
    private static final double[] LEAVE = {0, Double.NEGATIVE_INFINITY, 0, 1_500, 7_000};
    private static final long MIN_STAY = 7 * 86_400_000_000L;

    private Tiers() {}

    /** The tier from `at` on of a customer who holds `tier` since `since`, both in microseconds. */
    static int next(int tier, long since, Facts facts, double value, long at) {
        if (tier == NONE && facts.orders() == 0) {
            return NONE;
        }
        int best = HIGH;
        while (best > LOSS && value < ENTER[best]) {
            best--;
        }
        if (tier == NONE || best > tier) {
            return best;
        }
        int least = tier;
        while (least > LOSS && value < LEAVE[least]) {
            least--;
        }
        return least < tier && at < since + MIN_STAY ? tier : least;
    }
}
