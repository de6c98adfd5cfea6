package harness;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.errors.TimeoutException;

/**
 * Writers that go on whatever breaks, and keep a journal: for each id whether its record was acknowledged (a), refused
 * or aborted (f), or whether nobody can know (u), and at which offset. A value is `writer:id:transaction:padding`.
 */
final class Journals {
  private static final Map<String, Writer> WRITERS = new ConcurrentHashMap<>();
  private static final int ABORTED_PERCENT = 30;
  private static final int TRANSACTION_RECORDS_MAX = 20;
  private static final int KEYS_PER_PARTITION = 20;
  private static final int PART_IDS = 20_000;
  private static final int ERRORS_MAX = 20;

  private Journals() {}

  static void addTo(Map<String, Driver.Operation> operations) {
    operations.put("journalStart", (request, part) -> {
      Writer writer = new Writer(request);
      WRITERS.put(writer.name, writer);
      writer.start();
      return true;
    });
    operations.put("journalCounts", (request, part) -> {
      Map<String, Object> counts = new HashMap<>();
      WRITERS.forEach((name, writer) -> counts.put(name, writer.counts()));
      return counts;
    });
    operations.put("journalCalm", (request, part) -> {
      Writer writer = WRITERS.get(request.get("name").asText());
      if (writer != null) writer.pauses.calm();
      return true;
    });
    operations.put("journalStop", (request, part) -> {
      Writer writer = WRITERS.remove(request.get("name").asText());
      writer.stopping = true;
      writer.join();
      return writer.tell(part);
    });
  }

  private static final class Writer extends Thread {
    final String name;
    volatile boolean stopping;
    private final JsonNode request;
    private final int partitions;
    private final boolean transactional;
    private byte[] outcomes = new byte[1024];
    private long[] offsets = new long[1024];
    private int[] transactions = new int[1024];
    private int next;
    private int acknowledged;
    private volatile String trouble = "";
    private final List<String> errors = new ArrayList<>();
    private final Pauses pauses = new Pauses();

    Writer(JsonNode request) {
      this.request = request;
      this.name = request.get("name").asText();
      this.partitions = request.get("partitions").asInt();
      this.transactional = request.get("kind").asText().equals("transactional");
    }

    @Override
    public void run() {
      try {
        if (transactional) transactions();
        else singles();
      } catch (Exception error) {
        note(error);
      }
    }

    private void singles() throws Exception {
      try (KafkaProducer<byte[], byte[]> producer = producer()) {
        long startedAt = System.currentTimeMillis();
        for (int sent = 0; !stopping; sent++) {
          int id = begin(0);
          producer.send(record(id, 0), (metadata, error) -> {
            if (error != null) note(error);
            end(id, error == null ? 'a' : 'u', metadata);
          });
          pace(startedAt, sent + 1);
        }
        producer.flush();
      }
    }

    private void transactions() throws Exception {
      Random random = new Random(7);
      KafkaProducer<byte[], byte[]> producer = null;
      long startedAt = System.currentTimeMillis();
      for (int count = 0; !stopping; count++) {
        if (producer == null) producer = openUntilItWorks();
        if (producer == null) return;
        boolean abort = random.nextInt(100) < ABORTED_PERCENT;
        if (!transaction(producer, count, abort, 1 + random.nextInt(TRANSACTION_RECORDS_MAX))) {
          producer.close(Duration.ZERO);
          producer = null;
        }
        pace(startedAt, count + 1);
      }
      if (producer != null) producer.close(Duration.ofSeconds(10));
    }

    /** One transaction; false when the producer is of no use any more. */
    private boolean transaction(KafkaProducer<byte[], byte[]> producer, int number, boolean abort, int records) {
      Map<Integer, RecordMetadata> sent = new ConcurrentHashMap<>();
      List<Integer> ids = new ArrayList<>();
      char outcome = 'f';
      boolean works = true;
      try {
        producer.beginTransaction();
        for (int at = 0; at < records; at++) {
          int id = begin(number);
          ids.add(id);
          producer.send(record(id, number), (metadata, error) -> {
            if (error == null) sent.put(id, metadata);
          });
          if (at % 8 == 7) producer.flush();
        }
        producer.flush();
        if (abort) {
          producer.abortTransaction();
        } else {
          // From here on nobody knows, until the coordinator has said so.
          outcome = 'u';
          commit(producer);
          outcome = 'a';
        }
      } catch (Exception error) {
        note(error);
        works = outcome == 'f' && aborted(producer);
      }
      for (int id : ids) end(id, outcome, sent.get(id));
      return works;
    }

    private static void commit(KafkaProducer<byte[], byte[]> producer) {
      for (int tries = 0; ; tries++) {
        try {
          producer.commitTransaction();
          return;
        } catch (TimeoutException error) {
          if (tries == 5) throw error;
        }
      }
    }

    private static boolean aborted(KafkaProducer<byte[], byte[]> producer) {
      try {
        producer.abortTransaction();
        return true;
      } catch (Exception error) {
        return false;
      }
    }

    private KafkaProducer<byte[], byte[]> openUntilItWorks() throws InterruptedException {
      while (!stopping) {
        KafkaProducer<byte[], byte[]> producer = producer();
        try {
          producer.initTransactions();
          return producer;
        } catch (Exception error) {
          note(error);
          producer.close(Duration.ZERO);
          Thread.sleep(500);
        }
      }
      return null;
    }

    private KafkaProducer<byte[], byte[]> producer() {
      Properties properties = Values.properties(request.get("config"));
      properties.put("linger.ms", "5");
      properties.put("request.timeout.ms", Values.text(request, "requestTimeoutMs", "5000"));
      // Nothing may end as "unknown" only because brokers were away for minutes.
      properties.put("delivery.timeout.ms", "1800000");
      properties.put("max.block.ms", transactional ? "20000" : "1800000");
      properties.put("enable.idempotence", String.valueOf(!request.get("kind").asText().equals("plain")));
      properties.put("reconnect.backoff.max.ms", "500");
      if (transactional) properties.put("transactional.id", name);
      return Writing.producer(properties);
    }

    private ProducerRecord<byte[], byte[]> record(int id, int number) {
      StringBuilder value = new StringBuilder(name).append(':').append(id).append(':').append(number).append(':');
      while (value.length() < request.get("valueBytes").asInt()) value.append(id * 31L % 1009).append('.');
      byte[] key = ("key-" + id % (partitions * KEYS_PER_PARTITION)).getBytes(StandardCharsets.UTF_8);
      byte[] bytes = value.toString().getBytes(StandardCharsets.UTF_8);
      var record = new ProducerRecord<>(request.get("topic").asText(), id % partitions, key, bytes);
      if (id % 3 == 0) record.headers().add("h", key).add("nothing", null);
      return record;
    }

    private synchronized void note(Exception error) {
      trouble = error.toString();
      if (errors.size() < ERRORS_MAX) errors.add(trouble);
    }

    private synchronized int begin(int transaction) {
      if (next == outcomes.length) {
        outcomes = Arrays.copyOf(outcomes, 2 * next);
        offsets = Arrays.copyOf(offsets, 2 * next);
        transactions = Arrays.copyOf(transactions, 2 * next);
      }
      outcomes[next] = 'u';
      offsets[next] = -1;
      transactions[next] = transaction;
      return next++;
    }

    private synchronized void end(int id, char outcome, RecordMetadata metadata) {
      outcomes[id] = (byte) outcome;
      if (outcome == 'a') {
        acknowledged++;
        pauses.note();
      }
      if (metadata != null && metadata.hasOffset()) offsets[id] = metadata.offset();
    }

    synchronized Map<String, Object> counts() {
      return Map.of(
          "sent", next,
          "acknowledged", acknowledged,
          "trouble", trouble,
          "errors", List.copyOf(errors),
          "longestMs", pauses.longestMs());
    }

    /** The journal in parts, then its length. */
    synchronized Object tell(Driver.Part part) throws Exception {
      for (int from = 0; from < next; from += PART_IDS) {
        int to = Math.min(next, from + PART_IDS);
        String letters = new String(outcomes, from, to - from, StandardCharsets.US_ASCII);
        part.send(Map.of(
            "outcomes", letters,
            "offsets", Arrays.copyOfRange(offsets, from, to),
            "transactions", Arrays.copyOfRange(transactions, from, to)));
      }
      return counts();
    }

    private void pace(long startedAt, long done) throws InterruptedException {
      long ahead = startedAt + done * 1000 / request.get("perSecond").asInt() - System.currentTimeMillis();
      if (ahead > 0) Thread.sleep(ahead);
    }
  }
}
