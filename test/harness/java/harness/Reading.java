package harness;

import static harness.Values.properties;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Reads a topic from its start to the end that it has now. */
final class Reading {
  /** A reader that gets nothing for so long stands still. */
  private static final long STALL_MS = 20_000;

  private Reading() {}

  static void addTo(Map<String, Driver.Operation> operations) {
    operations.put("read", Reading::read);
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

  private static Object read(JsonNode request, Driver.Part part) throws Exception {
    try (KafkaConsumer<byte[], byte[]> consumer = consumer(request)) {
      List<TopicPartition> partitions = partitions(consumer, request.get("topic").asText());
      Map<String, long[]> ranges = ranges(consumer, partitions);
      Map<TopicPartition, Long> ends = new HashMap<>();
      partitions.forEach(at -> ends.put(at, ranges.get(String.valueOf(at.partition()))[1]));
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      long progressAt = System.currentTimeMillis();
      long position = -1;
      while (!arrived(consumer, ends)) {
        List<Object> records = new ArrayList<>();
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(100))) {
          if (record.offset() < ends.get(new TopicPartition(record.topic(), record.partition()))) {
            records.add(Values.seen(record));
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

  private static boolean arrived(KafkaConsumer<byte[], byte[]> consumer, Map<TopicPartition, Long> ends) {
    return ends.entrySet().stream().allMatch(end -> consumer.position(end.getKey()) >= end.getValue());
  }
}
