package harness;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;

/**
 * Consumers that read all the time and commit as applications do (auto-commit), and count what a reader must not see:
 * records that came twice, records that were passed over, errors.
 */
final class Following {
  private static final Map<String, Follower> FOLLOWERS = new ConcurrentHashMap<>();
  private static final int ERRORS_MAX = 20;

  private Following() {}

  static void addTo(Map<String, Driver.Operation> operations) {
    operations.put("followStart", (request, part) -> {
      Follower follower = new Follower(request);
      FOLLOWERS.put(request.get("name").asText(), follower);
      follower.start();
      return true;
    });
    operations.put("followCounts", (request, part) -> {
      Map<String, Object> counts = new HashMap<>();
      FOLLOWERS.forEach((name, follower) -> counts.put(name, follower.counts()));
      return counts;
    });
    operations.put("followCalm", (request, part) -> {
      Follower follower = FOLLOWERS.get(request.get("name").asText());
      if (follower != null) follower.pauses.calm();
      return true;
    });
    operations.put("followStop", (request, part) -> {
      Follower follower = FOLLOWERS.remove(request.get("name").asText());
      follower.stopping = true;
      follower.join();
      return follower.counts();
    });
  }

  private static final class Follower extends Thread {
    volatile boolean stopping;
    private final JsonNode request;
    private final Map<Integer, Long> next = new HashMap<>();
    private final List<String> errors = new ArrayList<>();
    private final Pauses pauses = new Pauses();
    private long read;
    private long again;
    private long passedOver;

    Follower(JsonNode request) {
      this.request = request;
    }

    @Override
    public void run() {
      try (KafkaConsumer<byte[], byte[]> consumer = consumer()) {
        while (!stopping) poll(consumer);
      } catch (Exception error) {
        note(error);
      }
    }

    private void poll(KafkaConsumer<byte[], byte[]> consumer) {
      try {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(100))) count(record);
      } catch (RuntimeException error) {
        note(error);
        if (errors.size() >= ERRORS_MAX) throw error;
      }
    }

    private KafkaConsumer<byte[], byte[]> consumer() {
      String topic = request.get("topic").asText();
      ObjectNode config = (ObjectNode) request.get("config");
      config.put("fetch.max.wait.ms", "500");
      if (!request.hasNonNull("group")) {
        KafkaConsumer<byte[], byte[]> consumer = Reading.consumer(request);
        List<TopicPartition> all = new ArrayList<>();
        consumer.partitionsFor(topic).forEach(info -> all.add(new TopicPartition(topic, info.partition())));
        consumer.assign(all);
        consumer.seekToBeginning(all);
        return consumer;
      }
      config.put("group.id", request.get("group").asText());
      config.put("group.protocol", Values.text(request, "protocol", "classic"));
      config.put("enable.auto.commit", "true");
      KafkaConsumer<byte[], byte[]> consumer = Reading.consumer(request);
      consumer.subscribe(List.of(topic));
      return consumer;
    }

    /** Gaps of up to `gap` offsets are markers and aborted records, which no reader sees. */
    private synchronized void count(ConsumerRecord<byte[], byte[]> record) {
      long expected = next.getOrDefault(record.partition(), 0L);
      read++;
      pauses.note();
      if (record.offset() < expected) again++;
      else if (record.offset() - expected > request.get("gap").asLong()) passedOver++;
      next.merge(record.partition(), record.offset() + 1, Math::max);
    }

    private synchronized void note(Exception error) {
      errors.add(error.toString());
    }

    synchronized Map<String, Object> counts() {
      return Map.of(
          "read", read,
          "again", again,
          "passedOver", passedOver,
          "errors", List.copyOf(errors),
          "longestMs", pauses.longestMs());
    }
  }
}
