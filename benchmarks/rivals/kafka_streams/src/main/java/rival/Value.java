package rival;

/**
 * Expected gross profit of a customer over the next 365 days: MBG/NBD (Batislam, Denizel and Filiztekin 2007) times
 * gamma-gamma (Fader, Hardie and Lee 2005), with the parameters of Ebbtide's default model, in days and minor units.
 */
final class Value {
    private static final double R = 0.617843;
    private static final double ALPHA = 60.5987;
    private static final double A = 0.551525;
    private static final double B = 1.00906;
    private static final double P = 3.41499;
    private static final double Q = 4.84245;
    private static final double V = 3686.33;
    private static final double HORIZON = 365.0;
    private static final double DAY = 86_400_000_000.0;

    private Value() {}

    /** As of an instant, in microseconds. */
    static double of(Facts facts, long at) {
        if (facts.orders() == 0) {
            return 0.0;
        }
        double x = facts.purchaseDays() - 1.0;
        double silentFrom = (facts.last() - facts.first()) / DAY;
        double t = (at - facts.first()) / DAY;
        return pAlive(x, silentFrom, t) * ordersIfAlive(x, t) * profit(facts);
    }

    private static double pAlive(double x, double silentFrom, double t) {
        return 1.0 / (1.0 + A / (B + x) * Math.exp((R + x) * Math.log1p((t - silentFrom) / (ALPHA + silentFrom))));
    }

    /** Fader, Hardie and Lee (2005), eq. 10, after Euler's transformation of 2F1. */
    private static double ordersIfAlive(double x, double t) {
        double total = A + B + x;
        double z = HORIZON / (ALPHA + t + HORIZON);
        double w = 1.0 - z;
        double power = Math.exp((A - 1.0) * Math.log(w));
        return total / (A - 1.0) * (1.0 - power * hypergeometric(A + B - R, A - 1.0, total, z));
    }

    /** 2F1(a, b; c; z) for 0 <= z < 1 by its series. */
    private static double hypergeometric(double a, double b, double c, double z) {
        double term = 1.0;
        double sum = 1.0;
        double enough = 1e-13 * (1.0 - z);
        for (int k = 0; Math.abs(term) > enough; k++) {
            term *= (a + k) * (b + k) / ((c + k) * (k + 1)) * z;
            sum += term;
        }
        return sum;
    }

    /** What the next order brings. */
    private static double profit(Facts facts) {
        double own = P * facts.orders() / (P * facts.orders() + Q - 1.0);
        double mean = (double) (facts.monetary() - facts.cost()) / facts.orders();
        return own * mean + (1.0 - own) * P * V / (Q - 1.0);
    }
}
