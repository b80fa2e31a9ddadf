package rival;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.Objects;

/** A bare event as JSON, read into the row that it tells. */
final class Event {
    private static final JsonFactory JSON = new JsonFactory();
    private static final int DECIMALS = 2;

    private Event() {}

    static Row parse(byte[] value) throws IOException {
        String type = null;
        String order = null;
        String refund = null;
        String at = null;
        String amount = "0";
        String cost = null;
        long revision = 0;
        try (JsonParser parser = JSON.createParser(value)) {
            parser.nextToken();
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String name = parser.currentName();
                parser.nextToken();
                switch (name) {
                    case "type" -> type = parser.getText();
                    case "order_id" -> order = parser.getText();
                    case "refund_id" -> refund = parser.getText();
                    case "occurred_at" -> at = parser.getText();
                    case "amount" -> amount = parser.getText();
                    case "cost" -> cost = parser.getText();
                    case "revision" -> revision = parser.getLongValue();
                    default -> parser.skipChildren();
                }
            }
        }
        long costs = cost == null ? 0 : minor(cost); // the default margin is 1: an order without a cost costs nothing
        boolean named = cost != null;
        return switch (Objects.requireNonNull(type)) {
            case "order.placed" ->
                new Row(hash(order), Row.PLACED, revision, micros(at), minor(amount), costs, named);
            case "order.cancelled" -> new Row(hash(order), Row.CANCELLED, 0, micros(at), 0, 0, false);
            case "order.refunded" -> {
                byte kind = order == null ? Row.CREDIT : Row.REFUND;
                long group = hash(order == null ? refund : order);
                yield new Row(group, kind, hash(refund), micros(at), minor(amount), costs, named);
            }
            default -> throw new IOException("no event of an order: " + type);
        };
    }

    /** A decimal number as whole minor units. */
    private static long minor(String money) {
        long units = 0;
        int decimals = -1;
        for (int i = 0; i < money.length(); i++) {
            char c = money.charAt(i);
            if (c == '.' && decimals < 0) {
                decimals = 0;
            } else if (c >= '0' && c <= '9' && decimals < DECIMALS) {
                units = units * 10 + c - '0';
                decimals += decimals < 0 ? 0 : 1;
            } else {
                throw new NumberFormatException(money);
            }
        }
        for (int i = Math.max(decimals, 0); i < DECIMALS; i++) {
            units *= 10;
        }
        return units;
    }

    /** A time of RFC 3339 as microseconds since 1970; whole seconds of UTC without java.time's parser. */
    private static long micros(String time) {
        if (time.length() != 20 || time.charAt(19) != 'Z') {
            return ChronoUnit.MICROS.between(OffsetDateTime.parse("1970-01-01T00:00:00Z"), OffsetDateTime.parse(time));
        }
        long days = LocalDate.of(number(time, 0, 4), number(time, 5, 7), number(time, 8, 10)).toEpochDay();
        long minutes = days * 1440 + number(time, 11, 13) * 60L + number(time, 14, 16);
        return (minutes * 60 + number(time, 17, 19)) * 1_000_000;
    }

    private static int number(String digits, int from, int to) {
        return Integer.parseInt(digits, from, to, 10);
    }

    /** FNV-1a over the characters, and MurmurHash3's last steps to spread it. */
    private static long hash(String id) {
        long hash = 0xcbf29ce484222325L;
        for (int i = 0; i < id.length(); i++) {
            hash = (hash ^ id.charAt(i)) * 0x100000001b3L;
        }
        hash = (hash ^ (hash >>> 33)) * 0xff51afd7ed558ccdL;
        hash = (hash ^ (hash >>> 33)) * 0xc4ceb9fe1a85ec53L;
        return hash ^ (hash >>> 33);
    }
}
