package rival;

import java.util.Arrays;

/** The sorted rows of one customer. */
final class Rows {
    private Rows() {}

    /** The rows with this one among them; the same array where it was told before and nothing changes. */
    static Row[] with(Row[] rows, Row told) {
        int place = placeOf(rows, told);
        if (place >= 0) {
            return told.isLessThan(rows[place]) ? inPlaceOf(rows, place, told) : rows;
        }
        if (told.kind() >= Row.REFUND) {
            int other = refund(rows, told.sub()); // the same refund told of another order: of the two the lesser holds
            if (other >= 0) {
                return told.isLessThan(rows[other]) ? with(without(rows, other), told) : rows;
            }
        }
        Row[] more = new Row[rows.length + 1];
        System.arraycopy(rows, 0, more, 0, ~place);
        more[~place] = told;
        System.arraycopy(rows, ~place, more, ~place + 1, rows.length - ~place);
        return more;
    }

    private static int placeOf(Row[] rows, Row told) {
        return Arrays.binarySearch(rows, told, Row::compareIdentity);
    }

    private static int refund(Row[] rows, long sub) {
        for (int i = 0; i < rows.length; i++) {
            if (rows[i].kind() >= Row.REFUND && rows[i].sub() == sub) {
                return i;
            }
        }
        return -1;
    }

    private static Row[] inPlaceOf(Row[] rows, int place, Row told) {
        Row[] other = rows.clone();
        other[place] = told;
        return other;
    }

    private static Row[] without(Row[] rows, int place) {
        Row[] fewer = Arrays.copyOf(rows, rows.length - 1);
        System.arraycopy(rows, place + 1, fewer, place, fewer.length - place);
        return fewer;
    }
}
