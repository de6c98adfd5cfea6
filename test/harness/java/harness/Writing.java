package harness;

import static harness.Values.properties;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Producers by name: a test opens one, sends through it, begins and ends transactions, and closes it. */
final class Writing {
  private static final Map<String, KafkaProducer<byte[], byte[]>> PRODUCERS = new ConcurrentHashMap<>();

  private Writing() {}

  static void addTo(Map<String, Driver.Operation> operations) {
    operations.put("open", (request, part) -> open(request));
    operations.put("send", (request, part) -> send(request));
    operations.put("fill", (request, part) -> fill(request));
    operations.put("begin", (request, part) -> {
      producer(request).beginTransaction();
      return true;
    });
    operations.put("commit", (request, part) -> {
      producer(request).commitTransaction();
      return true;
    });
    operations.put("abort", (request, part) -> {
      producer(request).abortTransaction();
      return true;
    });
    operations.put("close", (request, part) -> {
      PRODUCERS.remove(request.get("producer").asText()).close(Duration.ofSeconds(10));
      return true;
    });
  }

  static KafkaProducer<byte[], byte[]> producer(Properties properties) {
    properties.putIfAbsent("max.request.size", "8000000");
    return new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
  }

  private static Object open(JsonNode request) {
    Properties properties = properties(request.get("config"));
    KafkaProducer<byte[], byte[]> producer = producer(properties);
    if (properties.containsKey("transactional.id")) producer.initTransactions();
    PRODUCERS.put(request.get("producer").asText(), producer);
    return true;
  }

  /** Sends the records, a batch of its own at the latest every `flushEvery`, and gives their offsets. */
  private static Object send(JsonNode request) throws Exception {
    KafkaProducer<byte[], byte[]> producer = producer(request);
    int flushEvery = request.hasNonNull("flushEvery") ? request.get("flushEvery").asInt() : Integer.MAX_VALUE;
    List<Future<RecordMetadata>> sent = new ArrayList<>();
    for (JsonNode record : request.get("records")) {
      sent.add(producer.send(Values.toSend(request.get("topic").asText(), record)));
      if (sent.size() % flushEvery == 0) producer.flush();
    }
    producer.flush();
    List<Long> offsets = new ArrayList<>();
    for (Future<RecordMetadata> one : sent) offsets.add(one.get().offset());
    return offsets;
  }

  /** Records without key and value, only to take offsets. */
  private static Object fill(JsonNode request) throws Exception {
    Properties properties = properties(request.get("config"));
    properties.put("batch.size", "500000");
    properties.put("linger.ms", "50");
    String topic = request.get("topic").asText();
    int partition = request.get("partition").asInt();
    Future<RecordMetadata> last = null;
    try (KafkaProducer<byte[], byte[]> producer = producer(properties)) {
      for (long count = request.get("count").asLong(); count > 0; count--) {
        last = producer.send(new ProducerRecord<byte[], byte[]>(topic, partition, (Long) 0L, null, (byte[]) null));
      }
    }
    return last == null ? -1 : last.get().offset();
  }

  private static KafkaProducer<byte[], byte[]> producer(JsonNode request) {
    String name = request.get("producer").asText();
    KafkaProducer<byte[], byte[]> producer = PRODUCERS.get(name);
    if (producer == null) throw new IllegalArgumentException("no open producer " + name);
    return producer;
  }
}
