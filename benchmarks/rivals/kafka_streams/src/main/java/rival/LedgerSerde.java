package rival;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.ByteUtils;

/** A ledger as bytes: numbers of variable length, times in seconds where they are whole. About 16 bytes an order. */
final class LedgerSerde {
    private static final int MOST_OF_HEADER = 64;
    private static final int MOST_OF_ROW = 64;
    private static final int KIND = 3;
    private static final int NAMED = 4;
    private static final int WHOLE = 8; // seconds
    private static final long SECOND = 1_000_000;

    private LedgerSerde() {}

    static Serde<Ledger> serde() {
        Deserializer<Ledger> reader = (topic, bytes) -> bytes == null ? null : read(ByteBuffer.wrap(bytes));
        return Serdes.serdeFrom((topic, ledger) -> write(ledger), reader);
    }

    private static byte[] write(Ledger ledger) {
        ByteBuffer out = ByteBuffer.allocate(MOST_OF_HEADER + MOST_OF_ROW * ledger.rows().length);
        ByteUtils.writeVarlong(ledger.clock(), out);
        out.put((byte) ledger.tier());
        ByteUtils.writeVarlong(ledger.since(), out);
        ByteUtils.writeVarlong(ledger.sequence(), out);
        out.putDouble(ledger.value());
        ByteUtils.writeVarint(ledger.rows().length, out);
        for (Row row : ledger.rows()) {
            write(row, ledger.clock(), out);
        }
        return Arrays.copyOf(out.array(), out.position());
    }

    private static void write(Row row, long clock, ByteBuffer out) {
        long ago = clock - row.at();
        boolean whole = ago % SECOND == 0;
        out.put((byte) (row.kind() | (row.costNamed() ? NAMED : 0) | (whole ? WHOLE : 0)));
        out.putLong(row.order());
        ByteUtils.writeVarlong(whole ? ago / SECOND : ago, out);
        if (row.kind() >= Row.REFUND) {
            out.putLong(row.sub());
        } else {
            ByteUtils.writeVarlong(row.sub(), out);
        }
        if (row.kind() != Row.CANCELLED) {
            ByteUtils.writeVarlong(row.amount(), out);
            ByteUtils.writeVarlong(row.cost(), out);
        }
    }

    private static Ledger read(ByteBuffer in) {
        long clock = ByteUtils.readVarlong(in);
        int tier = in.get();
        long since = ByteUtils.readVarlong(in);
        long sequence = ByteUtils.readVarlong(in);
        double value = in.getDouble();
        Row[] rows = new Row[ByteUtils.readVarint(in)];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = readRow(in, clock);
        }
        return new Ledger(rows, clock, tier, since, sequence, value);
    }

    private static Row readRow(ByteBuffer in, long clock) {
        int tag = in.get();
        byte kind = (byte) (tag & KIND);
        long order = in.getLong();
        long ago = ByteUtils.readVarlong(in);
        long at = clock - ((tag & WHOLE) != 0 ? ago * SECOND : ago);
        long sub = kind >= Row.REFUND ? in.getLong() : ByteUtils.readVarlong(in);
        boolean bare = kind == Row.CANCELLED;
        long amount = bare ? 0 : ByteUtils.readVarlong(in);
        long cost = bare ? 0 : ByteUtils.readVarlong(in);
        return new Row(order, kind, sub, at, amount, cost, (tag & NAMED) != 0);
    }
}
