package rival;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StoreQueryParameters;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.QueryableStoreTypes;
import org.apache.kafka.streams.state.Stores;

/**
 * The exact ledger on Kafka Streams: orders in, tier changes out. Arguments: address of the broker, topic of the
 * orders, events to work off, folder of the state, file for the ledgers at the end, file of settings.
 */
public final class Rival {
    private static final String CHANGES = "rival-tier-changes";

    private Rival() {}

    public static void main(String[] arguments) throws Exception {
        Properties settings = new Properties();
        try (Reader file = Files.newBufferedReader(Path.of(arguments[5]))) {
            settings.load(file);
        }
        settings.put("bootstrap.servers", arguments[0]);
        settings.put("state.dir", arguments[3]);
        String orders = arguments[1];
        settings.put("application.id", "rival-" + ProcessHandle.current().pid());
        try (Admin admin = Admin.create(settings)) {
            if (!admin.listTopics().names().get().contains(CHANGES)) {
                int partitions = admin.describeTopics(List.of(orders))
                        .topicNameValues().get(orders).get().partitions().size();
                NewTopic changes = new NewTopic(CHANGES, Optional.of(partitions), Optional.empty());
                admin.createTopics(List.of(changes)).all().get();
            }
        }
        Progress progress = new Progress(Long.parseLong(arguments[2]));
        try (KafkaStreams streams = new KafkaStreams(topology(orders, progress), settings)) {
            streams.setUncaughtExceptionHandler(error -> {
                error.printStackTrace();
                Runtime.getRuntime().halt(1);
                return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
            });
            streams.start();
            progress.await();
            writeLedgers(streams, Path.of(arguments[4]));
        }
    }

    private static Topology topology(String orders, Progress progress) {
        return new Topology()
                .addSource("source", Serdes.Bytes().deserializer(), Serdes.ByteArray().deserializer(), orders)
                .addProcessor("ledger", () -> new LedgerProcessor(progress), "source")
                .addStateStore(
                        Stores.keyValueStoreBuilder(
                                        Stores.persistentKeyValueStore(LedgerProcessor.STORE),
                                        Serdes.Bytes(),
                                        LedgerSerde.serde())
                                .withCachingEnabled(),
                        "ledger")
                .addSink("changes", CHANGES, Serdes.Bytes().serializer(), Serdes.ByteArray().serializer(), "ledger");
    }

    private static void writeLedgers(KafkaStreams streams, Path file) throws IOException {
        var ledgers = streams.store(StoreQueryParameters.fromNameAndType(
                LedgerProcessor.STORE, QueryableStoreTypes.<Bytes, Ledger>keyValueStore()));
        try (PrintWriter out = new PrintWriter(Files.newBufferedWriter(file));
                KeyValueIterator<Bytes, Ledger> all = ledgers.all()) {
            while (all.hasNext()) {
                KeyValue<Bytes, Ledger> entry = all.next();
                Ledger ledger = entry.value;
                Facts facts = Facts.of(ledger.rows());
                out.printf(
                        "{\"customer_id\":\"%s\",\"orders\":%d,\"purchase_days\":%d,\"first_at\":%d,\"last_at\":%d,"
                                + "\"monetary\":%d,\"cost\":%d,\"clock\":%d,\"value\":%s}%n",
                        new String(entry.key.get(), StandardCharsets.UTF_8),
                        facts.orders(), facts.purchaseDays(), facts.first(), facts.last(), facts.monetary(),
                        facts.cost(), ledger.clock(), ledger.value());
            }
        }
    }
}
