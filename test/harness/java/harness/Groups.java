package harness;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/** Members of consumer groups: some read a number of records and leave, others stay until they are told to go. */
final class Groups {
  private static final Map<String, Member> MEMBERS = new ConcurrentHashMap<>();
  private static final long DEADLINE_MS = 30_000;

  private Groups() {}

  static void addTo(Map<String, Driver.Operation> operations) {
    operations.put("consume", Groups::consume);
    operations.put("join", (request, part) -> {
      Member member = new Member(request);
      MEMBERS.put(request.get("member").asText(), member);
      return member.awaitAssignment();
    });
    operations.put("leave", (request, part) -> MEMBERS.remove(request.get("member").asText()).leave());
    operations.put("positions", (request, part) -> positions(request));
    operations.put("commitPositions", (request, part) -> commitPositions(request));
  }

  /** Joins the group, reads `count` records, commits the position after each partition's last one, and leaves. */
  private static Object consume(JsonNode request, Driver.Part part) throws Exception {
    int count = request.get("count").asInt();
    String metadata = Values.text(request, "metadata", "");
    List<Object> records = new ArrayList<>();
    Map<TopicPartition, OffsetAndMetadata> positions = new HashMap<>();
    long deadline = System.currentTimeMillis() + DEADLINE_MS;
    try (KafkaConsumer<byte[], byte[]> consumer = member(request)) {
      consumer.subscribe(Values.list(request.get("topics"), JsonNode::asText));
      while (records.size() < count) {
        if (System.currentTimeMillis() > deadline) {
          throw new IllegalStateException("got " + records.size() + " of " + count + " records in time");
        }
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(200))) {
          if (records.size() == count) break;
          Map<String, Object> seen = Values.seen(record);
          seen.put("topic", record.topic());
          records.add(seen);
          positions.put(
              new TopicPartition(record.topic(), record.partition()),
              new OffsetAndMetadata(record.offset() + 1, record.leaderEpoch(), metadata));
        }
      }
      consumer.commitSync(positions);
    }
    part.send(records);
    return records.size();
  }

  /** `protocol`: "classic" (default), or "consumer", in which the broker assigns (KIP-848). */
  private static KafkaConsumer<byte[], byte[]> member(JsonNode request) {
    ((ObjectNode) request.get("config"))
        .put("group.id", request.get("group").asText())
        .put("group.protocol", Values.text(request, "protocol", "classic"));
    return Reading.consumer(request);
  }

  private static Object positions(JsonNode request) throws Exception {
    String group = request.get("group").asText();
    Map<String, Object> positions = new TreeMap<>();
    try (Admin admin = Topics.admin(request)) {
      Map<TopicPartition, OffsetAndMetadata> found =
          admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata(group).get();
      found.forEach((at, position) -> {
        if (position == null) return;
        Map<String, Object> seen = new HashMap<>();
        seen.put("offset", position.offset());
        seen.put("metadata", position.metadata());
        seen.put("leaderEpoch", position.leaderEpoch().orElse(null));
        positions.put(at.toString(), seen);
      });
    }
    return positions;
  }

  private static Object commitPositions(JsonNode request) throws Exception {
    String topic = request.get("topic").asText();
    Map<TopicPartition, OffsetAndMetadata> wanted = new HashMap<>();
    request.get("offsets").properties().forEach(entry -> wanted.put(
        new TopicPartition(topic, Integer.parseInt(entry.getKey())),
        new OffsetAndMetadata(entry.getValue().asLong(), Values.text(request, "metadata", ""))));
    try (Admin admin = Topics.admin(request)) {
      admin.alterConsumerGroupOffsets(request.get("group").asText(), wanted).all().get();
    }
    return true;
  }

  /** Polls and commits nothing until it is told to leave. */
  private static final class Member {
    private final KafkaConsumer<byte[], byte[]> consumer;
    private final Thread thread;
    private volatile boolean leaving;
    private volatile int assigned;

    Member(JsonNode request) {
      consumer = member(request);
      consumer.subscribe(Values.list(request.get("topics"), JsonNode::asText));
      thread = new Thread(() -> {
        while (!leaving) {
          consumer.poll(Duration.ofMillis(100));
          assigned = consumer.assignment().size();
        }
        consumer.close();
      });
      thread.start();
    }

    Object awaitAssignment() throws Exception {
      long deadline = System.currentTimeMillis() + DEADLINE_MS;
      while (assigned == 0) {
        if (System.currentTimeMillis() > deadline) throw new IllegalStateException("nothing was assigned");
        Thread.sleep(50);
      }
      return assigned;
    }

    Object leave() throws Exception {
      leaving = true;
      thread.join();
      return true;
    }
  }
}
