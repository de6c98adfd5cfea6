package harness;

import static harness.Values.properties;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.function.Function;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Reads a topic from its start to the end that it has now. */
final class Reading {
  /** A reader that gets nothing for so long stands still. */
  private static final long STALL_MS = 20_000;

  private Reading() {}

  static void addTo(Map<String, Driver.Operation> operations) {
    operations.put("read", (request, part) -> read(request, Values::seen, part));
    operations.put("scan", (request, part) -> read(request, Reading::row, part));
    operations.put("ranges", (request, part) -> {
      try (KafkaConsumer<byte[], byte[]> consumer = consumer(request)) {
        return ranges(consumer, partitions(consumer, request.get("topic").asText()));
      }
    });
  }

  static KafkaConsumer<byte[], byte[]> consumer(JsonNode request) {
    Properties properties = properties(request.get("config"));
    properties.putIfAbsent("isolation.level", Values.text(request, "isolation", "read_committed"));
    properties.putIfAbsent("enable.auto.commit", "false");
    properties.putIfAbsent("auto.offset.reset", "earliest");
    properties.putIfAbsent("max.partition.fetch.bytes", "8000000");
    // A consumer that is closed waits for the answer to its last fetch.
    properties.putIfAbsent("fetch.max.wait.ms", "50");
    return new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  private static List<TopicPartition> partitions(KafkaConsumer<byte[], byte[]> consumer, String topic) {
    List<TopicPartition> partitions = new ArrayList<>();
    consumer.partitionsFor(topic).forEach(info -> partitions.add(new TopicPartition(topic, info.partition())));
    return partitions;
  }

  /** Start and (at read_committed: last stable) end offset of each partition. */
  private static Map<String, long[]> ranges(
      KafkaConsumer<byte[], byte[]> consumer, List<TopicPartition> partitions) {
    Map<TopicPartition, Long> starts = consumer.beginningOffsets(partitions);
    Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
    Map<String, long[]> ranges = new TreeMap<>();
    for (TopicPartition at : partitions) {
      ranges.put(String.valueOf(at.partition()), new long[] {starts.get(at), ends.get(at)});
    }
    return ranges;
  }

  /** From the log starts, or the offsets of `from`, to the ends of now or those of `to`. */
  private static Object read(
      JsonNode request, Function<ConsumerRecord<byte[], byte[]>, Object> look, Driver.Part part)
      throws Exception {
    try (KafkaConsumer<byte[], byte[]> consumer = consumer(request)) {
      List<TopicPartition> partitions = partitions(consumer, request.get("topic").asText());
      Map<String, long[]> ranges = ranges(consumer, partitions);
      Map<TopicPartition, Long> ends = new HashMap<>();
      partitions.forEach(at -> ends.put(at, bound(request, "to", at, ranges.get(String.valueOf(at.partition()))[1])));
      consumer.assign(partitions);
      partitions.forEach(at -> consumer.seek(
          at, bound(request, "from", at, ranges.get(String.valueOf(at.partition()))[0])));
      long progressAt = System.currentTimeMillis();
      long position = -1;
      while (!arrived(consumer, ends)) {
        List<Object> records = new ArrayList<>();
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(100))) {
          if (record.offset() < ends.get(new TopicPartition(record.topic(), record.partition()))) {
            records.add(look.apply(record));
          }
        }
        if (!records.isEmpty()) part.send(records);
        long now = ends.keySet().stream().mapToLong(consumer::position).sum();
        if (now != position) progressAt = System.currentTimeMillis();
        position = now;
        if (System.currentTimeMillis() - progressAt > STALL_MS) {
          throw new IllegalStateException("the reader stands still at " + position + " of " + ends);
        }
      }
      return ranges;
    }
  }

  private static long bound(JsonNode request, String name, TopicPartition at, long otherwise) {
    JsonNode given = request.path(name).path(String.valueOf(at.partition()));
    return given.isNumber() ? given.asLong() : otherwise;
  }

  /** A record in short: partition, offset, timestamp, key, the value up to its third colon, a digest of the rest. */
  private static Object row(ConsumerRecord<byte[], byte[]> record) {
    String key = record.key() == null ? null : new String(record.key(), StandardCharsets.UTF_8);
    String value = record.value() == null ? "" : new String(record.value(), StandardCharsets.UTF_8);
    int end = -1;
    for (int colons = 0; colons < 3; colons++) end = value.indexOf(':', end + 1);
    String who = value.substring(0, Math.max(end, 0));
    return new Object[] {record.partition(), record.offset(), record.timestamp(), key, who, digest(record)};
  }

  private static String digest(ConsumerRecord<byte[], byte[]> record) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update((record.timestampType() + "|").getBytes(StandardCharsets.UTF_8));
      add(digest, record.key());
      add(digest, record.value());
      for (Header header : record.headers()) {
        add(digest, header.key().getBytes(StandardCharsets.UTF_8));
        add(digest, header.value());
      }
      return Base64.getEncoder().encodeToString(Arrays.copyOf(digest.digest(), 9));
    } catch (NoSuchAlgorithmException error) {
      throw new IllegalStateException(error);
    }
  }

  /** With its length, so that no two lists of bytes look alike. */
  private static void add(MessageDigest digest, byte[] bytes) {
    digest.update(((bytes == null ? -1 : bytes.length) + "|").getBytes(StandardCharsets.UTF_8));
    if (bytes != null) digest.update(bytes);
  }

  private static boolean arrived(KafkaConsumer<byte[], byte[]> consumer, Map<TopicPartition, Long> ends) {
    return ends.entrySet().stream().allMatch(end -> consumer.position(end.getKey()) >= end.getValue());
  }
}
