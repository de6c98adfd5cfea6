package harness;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * A steady load with a unique id in every value: one plain producer and, when asked for, one that works in transactions
 * of which every third or so is aborted. Runs until it is told to stop, and then says what was acknowledged.
 */
final class Loading {
  private static final Map<String, Load> LOADS = new ConcurrentHashMap<>();
  private static final int ABORTED_PERCENT = 30;
  private static final int TRANSACTION_RECORDS_MAX = 40;

  private Loading() {}

  static void addTo(Map<String, Driver.Operation> operations) {
    operations.put("loadStart", (request, part) -> {
      Load load = new Load(request);
      LOADS.put(load.name, load);
      return true;
    });
    operations.put("loadCount", (request, part) -> LOADS.get(request.get("name").asText()).counts());
    operations.put("loadStop", (request, part) -> LOADS.remove(request.get("name").asText()).stop());
  }

  private static final class Load {
    final String name;
    private final JsonNode request;
    private final AtomicLong plain = new AtomicLong();
    private final AtomicLong committed = new AtomicLong();
    private final AtomicLong aborted = new AtomicLong();
    private final List<String> errors = Collections.synchronizedList(new ArrayList<>());
    private final List<Thread> threads = new ArrayList<>();
    private volatile boolean stopping;

    Load(JsonNode request) {
      this.request = request;
      this.name = request.get("name").asText();
      if (request.get("plainPerSecond").asInt() > 0) begin(this::plain);
      if (request.get("transactionsPerSecond").asInt() > 0) begin(this::transactions);
    }

    Map<String, Object> counts() {
      return Map.of(
          "plain", plain.get(), "committed", committed.get(), "aborted", aborted.get(), "errors", errors);
    }

    Map<String, Object> stop() throws InterruptedException {
      stopping = true;
      for (Thread thread : threads) thread.join();
      return counts();
    }

    private interface Work {
      void run() throws Exception;
    }

    private void begin(Work work) {
      Thread thread = new Thread(() -> {
        try {
          work.run();
        } catch (Exception error) {
          errors.add(error.toString());
        }
      });
      threads.add(thread);
      thread.start();
    }

    private void plain() throws Exception {
      int perSecond = request.get("plainPerSecond").asInt();
      try (KafkaProducer<byte[], byte[]> producer = producer(null)) {
        long startedAt = System.currentTimeMillis();
        for (long id = 0; !stopping; id++) {
          producer.send(record("plain", id), (metadata, error) -> {
            if (error == null) plain.incrementAndGet();
            else errors.add(error.toString());
          });
          pace(startedAt, id + 1, perSecond);
        }
      }
    }

    private void transactions() throws Exception {
      int perSecond = request.get("transactionsPerSecond").asInt();
      Random random = new Random(7);
      try (KafkaProducer<byte[], byte[]> producer = producer(name + "-transactions")) {
        producer.initTransactions();
        long startedAt = System.currentTimeMillis();
        long id = 0;
        for (long count = 0; !stopping; count++) {
          boolean abort = random.nextInt(100) < ABORTED_PERCENT;
          int records = 1 + random.nextInt(TRANSACTION_RECORDS_MAX);
          producer.beginTransaction();
          for (int record = 0; record < records; record++) {
            producer.send(record(abort ? "aborted" : "committed", id++));
            if (record % 16 == 15) producer.flush();
          }
          producer.flush();
          if (abort) producer.abortTransaction();
          else producer.commitTransaction();
          (abort ? aborted : committed).addAndGet(records);
          pace(startedAt, count + 1, perSecond);
        }
      }
    }

    private ProducerRecord<byte[], byte[]> record(String kind, long id) {
      int partition = (int) (id % request.get("partitions").asInt());
      String topic = request.get("topic").asText();
      StringBuilder value = new StringBuilder(name).append(':').append(kind).append(':').append(id).append(':');
      while (value.length() < request.get("valueBytes").asInt()) value.append(id * 31 % 1009).append('.');
      byte[] key = ("key-" + id % 100).getBytes(StandardCharsets.UTF_8);
      return new ProducerRecord<>(topic, partition, key, value.toString().getBytes(StandardCharsets.UTF_8));
    }

    private KafkaProducer<byte[], byte[]> producer(String transactionalId) {
      Properties properties = Values.properties(request.get("config"));
      properties.putIfAbsent("linger.ms", "5");
      if (transactionalId != null) properties.put("transactional.id", transactionalId);
      return Writing.producer(properties);
    }

    private static void pace(long startedAt, long done, int perSecond) throws InterruptedException {
      long ahead = startedAt + done * 1000 / perSecond - System.currentTimeMillis();
      if (ahead > 0) Thread.sleep(ahead);
    }
  }
}
