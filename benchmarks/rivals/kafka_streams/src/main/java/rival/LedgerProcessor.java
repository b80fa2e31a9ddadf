package rival;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;

/** Each event into its customer's ledger, and a record for each change of tier. */
final class LedgerProcessor implements Processor<Bytes, byte[], Bytes, byte[]> {
    static final String STORE = "ledgers";
    private final Progress progress;
    private ProcessorContext<Bytes, byte[]> context;
    private KeyValueStore<Bytes, Ledger> store;

    LedgerProcessor(Progress progress) {
        this.progress = progress;
    }

    @Override
    public void init(ProcessorContext<Bytes, byte[]> given) {
        context = given;
        store = given.getStateStore(STORE);
    }

    @Override
    public void process(Record<Bytes, byte[]> record) {
        Ledger before = store.get(record.key());
        if (before == null) {
            before = Ledger.EMPTY;
        }
        Ledger after = before.take(told(record));
        if (after != before) {
            store.put(record.key(), after);
        }
        if (after.sequence() != before.sequence()) {
            context.forward(record.withValue(change(record.key(), before, after)));
        }
        progress.oneMore();
    }

    private static Row told(Record<Bytes, byte[]> record) {
        try {
            return Event.parse(record.value());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] change(Bytes key, Ledger before, Ledger after) {
        String customer = new String(key.get(), StandardCharsets.UTF_8);
        String change = "{\"id\":\"" + customer + ":" + after.sequence() + "\",\"customer_id\":\"" + customer
                + "\",\"at_us\":" + after.clock()
                + ",\"from\":{\"tier\":\"" + Tiers.NAMES[before.tier()] + "\",\"value\":" + before.value()
                + "},\"to\":{\"tier\":\"" + Tiers.NAMES[after.tier()] + "\",\"value\":" + after.value() + "}}";
        return change.getBytes(StandardCharsets.UTF_8);
    }
}
