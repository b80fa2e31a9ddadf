package rival;

import java.util.Arrays;

/** The sorted rows of one customer. */
final class Rows {
    private Rows() {}

    /** Where the same identity was told before; below 0 if it was not. */
    static int find(Row[] rows, Row told) {
        int place = placeOf(rows, told);
        return place < 0 && told.kind() >= Row.REFUND ? refund(rows, told.sub()) : place;
    }

    /** The rows with this new one among them. */
    static Row[] with(Row[] rows, Row told) {
        int place = placeOf(rows, told);
        Row[] more = new Row[rows.length + 1];
        System.arraycopy(rows, 0, more, 0, ~place);
        more[~place] = told;
        System.arraycopy(rows, ~place, more, ~place + 1, rows.length - ~place);
        return more;
    }

    private static int placeOf(Row[] rows, Row told) {
        return Arrays.binarySearch(rows, told, Row::compareIdentity);
    }

    /** A refund may be told again of another order. */
    private static int refund(Row[] rows, long sub) {
        for (int i = 0; i < rows.length; i++) {
            if (rows[i].kind() >= Row.REFUND && rows[i].sub() == sub) {
                return i;
            }
        }
        return -1;
    }

    static Row[] without(Row[] rows, int place) {
        Row[] fewer = Arrays.copyOf(rows, rows.length - 1);
        System.arraycopy(rows, place + 1, fewer, place, fewer.length - place);
        return fewer;
    }
}
