import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;

/**
 * Kafka Streams applications whose results depend on every record before, in its order: for each record of the topic a
 * digest of all ids that its writer has written to the partition so far, kept in a store with a changelog. Told their guarantees
 * in JSON, by name, they tell what they see in lines of JSON, as program.ts has them. At the end of stdin each
 * goes on to the end of the topic, and ends.
 */
public final class Folding {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final PrintStream OUT = new PrintStream(System.out, false, StandardCharsets.UTF_8);
  private static final String STORE = "digests";
  private static final long LOOK_MS = 200;
  private static final long TO_THE_END_MS = 60_000;
  private static final Duration CLOSE_WITHIN = Duration.ofSeconds(10);

  private Folding() {}

  public static void main(String[] args) throws Exception {
    // Whatever a library prints must not come between the lines.
    System.setOut(System.err);
    JsonNode spec = JSON.readTree(args[1]);
    String directory = args[0];
    Map<String, KafkaStreams> all = new HashMap<>();
    for (Map.Entry<String, JsonNode> client : spec.get("clients").properties()) {
      all.put(client.getKey(), start(client.getKey(), client.getValue().asText(), spec, directory));
    }
    while (System.in.read() >= 0) {}
    // Its threads must not outlive a test that failed.
    int code = 1;
    try {
      for (Map.Entry<String, KafkaStreams> one : all.entrySet()) {
        awaitEnd(one.getKey(), spec);
        one.getValue().close(CLOSE_WITHIN);
      }
      code = 0;
    } catch (Exception error) {
      error.printStackTrace();
    }
    Runtime.getRuntime().halt(code);
  }

  private static KafkaStreams start(String name, String guarantee, JsonNode spec, String directory) {
    Properties config = new Properties();
    config.put(StreamsConfig.APPLICATION_ID_CONFIG, name);
    config.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, spec.get("bootstrap").asText());
    config.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, guarantee);
    config.put(StreamsConfig.STATE_DIR_CONFIG, directory);
    config.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, "500");
    config.put(StreamsConfig.REPLICATION_FACTOR_CONFIG, "-1");
    config.put(StreamsConfig.consumerPrefix("auto.offset.reset"), "earliest");
    // Without exactly-once it would read what was aborted, which a mirror does not have.
    config.put(StreamsConfig.consumerPrefix("isolation.level"), "read_committed");
    KafkaStreams streams = new KafkaStreams(topology(name, spec.get("topic").asText()), config);
    streams.setUncaughtExceptionHandler(error -> {
      tell(name, "e", messages(error));
      return StreamThreadExceptionResponse.REPLACE_THREAD;
    });
    streams.start();
    return streams;
  }

  private static Topology topology(String name, String topic) {
    var bytes = Serdes.ByteArray();
    var store = Stores.keyValueStoreBuilder(Stores.inMemoryKeyValueStore(STORE), Serdes.String(), Serdes.Integer());
    return new Topology()
        .addSource("in", bytes.deserializer(), bytes.deserializer(), topic)
        .addProcessor("fold", () -> new Fold(name), "in")
        .addStateStore(store, "fold")
        .addSink(
            "out",
            name + "-out",
            Serdes.Integer().serializer(),
            Serdes.String().serializer(),
            (to, partition, value, count) -> Optional.of(Set.of(partition)),
            "fold");
  }

  /** From a record to `writer:offset:digest:`, in the partition that the record came from. */
  private static final class Fold implements Processor<byte[], byte[], Integer, String> {
    private final String name;
    private ProcessorContext<Integer, String> context;
    private KeyValueStore<String, Integer> digests;

    Fold(String name) {
      this.name = name;
    }

    @Override
    public void init(ProcessorContext<Integer, String> context) {
      this.context = context;
      this.digests = context.getStateStore(STORE);
    }

    @Override
    public void process(Record<byte[], byte[]> record) {
      String[] value = new String(record.value(), StandardCharsets.UTF_8).split(":", 3);
      var from = context.recordMetadata().orElseThrow();
      Integer before = digests.get(value[0]);
      int digest = (before == null ? 0 : before) * 31 + Integer.parseInt(value[1]);
      digests.put(value[0], digest);
      String result = value[0] + ":" + from.offset() + ":" + digest + ":";
      context.forward(new Record<>(from.partition(), result, record.timestamp()));
      tell(name, "r", from.partition(), from.offset());
    }
  }

  /** Waits until the application has committed that it has processed the whole topic. */
  private static void awaitEnd(String name, JsonNode spec) throws Exception {
    String topic = spec.get("topic").asText();
    Map<TopicPartition, OffsetSpec> latest = new HashMap<>();
    for (int at = 0; at < spec.get("partitions").asInt(); at++) {
      latest.put(new TopicPartition(topic, at), OffsetSpec.latest());
    }
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", spec.get("bootstrap").asText()))) {
      var committed = new ListOffsetsOptions(IsolationLevel.READ_COMMITTED);
      var ends = admin.listOffsets(latest, committed).all().get();
      long until = System.currentTimeMillis() + TO_THE_END_MS;
      List<TopicPartition> behind = new ArrayList<>(latest.keySet());
      while (!behind.isEmpty() && System.currentTimeMillis() < until) {
        Map<TopicPartition, OffsetAndMetadata> done =
            admin.listConsumerGroupOffsets(name).partitionsToOffsetAndMetadata().get();
        behind.removeIf(one -> done.get(one) != null && done.get(one).offset() >= ends.get(one).offset());
        Thread.sleep(LOOK_MS);
      }
      if (!behind.isEmpty()) tell(name, "e", "did not come to the end of " + behind);
    }
  }

  private static String messages(Throwable error) {
    StringBuilder text = new StringBuilder(error.toString());
    for (Throwable cause = error.getCause(); cause != null; cause = cause.getCause()) text.append("; ").append(cause);
    return text.toString();
  }

  private static void tell(Object... what) {
    try {
      String line = JSON.writeValueAsString(what);
      synchronized (OUT) {
        OUT.println(line);
        OUT.flush();
      }
    } catch (Exception error) {
      throw new IllegalStateException(error);
    }
  }
}
