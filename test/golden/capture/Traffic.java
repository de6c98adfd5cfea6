import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.*;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.*;
import org.apache.kafka.clients.consumer.*;
import org.apache.kafka.clients.producer.*;
import org.apache.kafka.common.*;
import org.apache.kafka.common.acl.*;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.quota.*;
import org.apache.kafka.common.resource.*;
import org.apache.kafka.common.serialization.*;

/** Makes Kafka's own Java clients speak as many APIs as one broker answers; the proxy between them records the bytes. */
public class Traffic {
  static final String[] CODECS = {"none", "gzip", "snappy", "lz4", "zstd"};
  static String bootstrap;

  interface Step { void run() throws Exception; }

  /** A step that this release refuses is told and passed over: not every broker has every feature. */
  static void step(String what, Step step) {
    try {
      step.run();
      System.out.println("ok      " + what);
    } catch (Throwable e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      System.out.println("refused " + what + ": " + cause);
    }
  }

  static Map<String, Object> client(Object... pairs) {
    Map<String, Object> config = new HashMap<>();
    config.put("bootstrap.servers", bootstrap);
    for (int i = 0; i < pairs.length; i += 2) config.put((String) pairs[i], pairs[i + 1]);
    return config;
  }

  static KafkaProducer<byte[], byte[]> producer(Object... pairs) {
    return new KafkaProducer<>(client(pairs), new ByteArraySerializer(), new ByteArraySerializer());
  }

  static KafkaConsumer<byte[], byte[]> consumer(Object... pairs) {
    return new KafkaConsumer<>(client(pairs), new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  static byte[] utf8(String text) { return text.getBytes(StandardCharsets.UTF_8); }

  static <T> T get(KafkaFuture<T> future) throws Exception { return future.get(20, TimeUnit.SECONDS); }

  public static void main(String[] args) throws Exception {
    bootstrap = args[0];
    try (Admin admin = Admin.create(client("client.id", "admin"))) {
      topics(admin);
      produce();
      transactions(admin);
      groups(admin);
      offsets(admin);
      security(admin);
      cluster(admin);
      cleanUp(admin);
    }
  }

  static void topics(Admin admin) {
    step("create topics", () -> get(admin.createTopics(List.of(
        new NewTopic("codecs", 1, (short) 1),
        new NewTopic("txn", 1, (short) 1),
        new NewTopic("plain", 1, (short) 1),
        new NewTopic("append-time", 1, (short) 1).configs(Map.of("message.timestamp.type", "LogAppendTime")),
        new NewTopic("wide", 2, (short) 1).configs(Map.of("cleanup.policy", "compact")),
        new NewTopic("assigned", Map.of(0, List.of(1))))).all()));
    step("describe topics", () -> get(admin.describeTopics(List.of("codecs", "wide")).allTopicNames()));
    step("list topics", () -> get(admin.listTopics(new ListTopicsOptions().listInternal(true)).names()));
    step("create partitions", () -> get(admin.createPartitions(Map.of("wide", NewPartitions.increaseTo(3))).all()));
    ConfigResource topic = new ConfigResource(ConfigResource.Type.TOPIC, "wide");
    step("describe configs", () -> get(admin.describeConfigs(List.of(topic),
        new DescribeConfigsOptions().includeSynonyms(true)).all()));
    step("alter configs", () -> get(admin.incrementalAlterConfigs(Map.of(topic, List.of(
        new AlterConfigOp(new ConfigEntry("retention.ms", "1000000"), AlterConfigOp.OpType.SET),
        new AlterConfigOp(new ConfigEntry("segment.bytes", null), AlterConfigOp.OpType.DELETE)))).all()));
    step("wrong topic", () -> get(admin.createTopics(List.of(new NewTopic("bad/name", 1, (short) 1))).all()));
  }

  static void send(KafkaProducer<byte[], byte[]> producer, String topic, String mark) throws Exception {
    long time = 1_700_000_000_000L;
    List<java.util.concurrent.Future<RecordMetadata>> sent = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      sent.add(producer.send(new ProducerRecord<>(topic, 0, time + i, utf8("key-" + i), utf8((mark + " value ").repeat(3 + i)))));
    }
    List<org.apache.kafka.common.header.Header> headers = List.of(
        new RecordHeader("trace", utf8("abc")), new RecordHeader("null", null), new RecordHeader("empty", new byte[0]),
        new RecordHeader("한글", utf8("값")));
    sent.add(producer.send(new ProducerRecord<>(topic, 0, time + 10, utf8("with-headers"), utf8(mark), headers)));
    sent.add(producer.send(new ProducerRecord<>(topic, 0, time + 9, null, utf8("no key"))));
    sent.add(producer.send(new ProducerRecord<>(topic, 0, time + 11, utf8("tombstone"), (byte[]) null)));
    sent.add(producer.send(new ProducerRecord<>(topic, 0, time + 12, new byte[0], new byte[0])));
    producer.flush();
    for (var future : sent) future.get(20, TimeUnit.SECONDS);
  }

  static void produce() {
    for (String codec : CODECS) {
      step("produce " + codec, () -> {
        try (var producer = producer("compression.type", codec, "linger.ms", 50, "client.id", "producer-" + codec)) {
          send(producer, "codecs", codec);
        }
      });
    }
    step("produce append time", () -> {
      try (var producer = producer("enable.idempotence", false, "acks", "1")) { send(producer, "append-time", "t"); }
    });
    step("produce refused", () -> {
      try (var producer = producer()) {
        producer.send(new ProducerRecord<>("wide", 0, null, utf8("compacted needs a key"))).get(20, TimeUnit.SECONDS);
      }
    });
  }

  static void transactions(Admin admin) {
    step("transactions", () -> {
      try (var producer = producer("transactional.id", "txn-1", "linger.ms", 50)) {
        producer.initTransactions();
        producer.beginTransaction();
        send(producer, "txn", "committed");
        producer.sendOffsetsToTransaction(
            Map.of(new TopicPartition("codecs", 0), new OffsetAndMetadata(3, Optional.of(0), "in a transaction")),
            new ConsumerGroupMetadata("txn-group"));
        producer.commitTransaction();
        producer.beginTransaction();
        send(producer, "txn", "aborted");
        producer.abortTransaction();
        producer.beginTransaction();
        send(producer, "txn", "open");
        step("describe producers", () ->
            get(admin.describeProducers(List.of(new TopicPartition("txn", 0))).all()));
        step("describe transactions", () -> get(admin.describeTransactions(List.of("txn-1", "none")).all()));
        step("list transactions", () -> get(admin.listTransactions().all()));
        producer.commitTransaction();
      }
    });
    step("fence producers", () -> get(admin.fenceProducers(List.of("txn-1")).all()));
    step("plain after transactions", () -> {
      try (var producer = producer("compression.type", "zstd", "linger.ms", 50)) { send(producer, "txn", "plain"); }
    });
  }

  static int drain(Consumer<byte[], byte[]> consumer, int wanted) {
    int seen = 0;
    long until = System.currentTimeMillis() + 15_000;
    while (seen < wanted && System.currentTimeMillis() < until) seen += consumer.poll(Duration.ofMillis(300)).count();
    return seen;
  }

  static void groups(Admin admin) {
    step("classic group", () -> {
      try (var consumer = consumer("group.id", "classic-group", "auto.offset.reset", "earliest",
          "isolation.level", "read_committed", "group.instance.id", "static-1", "client.rack", "rack-1")) {
        consumer.subscribe(List.of("codecs", "txn"));
        drain(consumer, 60);
        consumer.commitSync();
        step("describe groups", () -> get(admin.describeConsumerGroups(List.of("classic-group"),
            new DescribeConsumerGroupsOptions().includeAuthorizedOperations(true)).all()));
      }
    });
    step("remove members", () -> get(admin.removeMembersFromConsumerGroup("classic-group",
        new RemoveMembersFromConsumerGroupOptions(Set.of(new MemberToRemove("static-1")))).all()));
    step("consumer protocol group", () -> {
      try (var consumer = consumer("group.id", "new-group", "auto.offset.reset", "earliest", "group.protocol", "consumer")) {
        consumer.subscribe(List.of("codecs"));
        drain(consumer, 40);
        consumer.commitSync();
        step("describe new group", () -> get(admin.describeConsumerGroups(List.of("new-group")).all()));
      }
    });
    step("share group", () -> {
      Class<?> type = Class.forName("org.apache.kafka.clients.consumer.KafkaShareConsumer");
      var made = type.getConstructor(Map.class, Deserializer.class, Deserializer.class)
          .newInstance(client("group.id", "share-group"), new ByteArrayDeserializer(), new ByteArrayDeserializer());
      try (AutoCloseable consumer = (AutoCloseable) made) {
        type.getMethod("subscribe", Collection.class).invoke(consumer, List.of("codecs"));
        for (int i = 0; i < 10; i++) type.getMethod("poll", Duration.class).invoke(consumer, Duration.ofMillis(300));
        try (var producer = producer()) { send(producer, "codecs", "shared"); }
        for (int i = 0; i < 10; i++) type.getMethod("poll", Duration.class).invoke(consumer, Duration.ofMillis(300));
      }
    });
    step("list groups", () -> get(admin.listConsumerGroups().all()));
  }

  static void offsets(Admin admin) {
    TopicPartition codecs = new TopicPartition("codecs", 0);
    step("list offsets", () -> get(admin.listOffsets(Map.of(codecs, OffsetSpec.earliest())).all()));
    step("latest", () -> get(admin.listOffsets(Map.of(codecs, OffsetSpec.latest()),
        new ListOffsetsOptions(IsolationLevel.READ_COMMITTED)).all()));
    step("max timestamp", () -> get(admin.listOffsets(Map.of(codecs, OffsetSpec.maxTimestamp())).all()));
    step("for time", () -> get(admin.listOffsets(Map.of(codecs, OffsetSpec.forTimestamp(1_700_000_000_003L))).all()));
    step("group offsets", () -> get(admin.listConsumerGroupOffsets("classic-group").partitionsToOffsetAndMetadata()));
    step("alter group offsets", () -> get(admin.alterConsumerGroupOffsets("classic-group",
        Map.of(codecs, new OffsetAndMetadata(2, Optional.empty(), "moved"))).all()));
    step("delete group offsets", () -> get(admin.deleteConsumerGroupOffsets("classic-group", Set.of(codecs)).all()));
    step("assign and seek", () -> {
      try (var consumer = consumer("isolation.level", "read_uncommitted")) {
        TopicPartition txn = new TopicPartition("txn", 0);
        consumer.assign(List.of(txn));
        consumer.seekToBeginning(List.of(txn));
        drain(consumer, 30);
        consumer.offsetsForTimes(Map.of(txn, 1_700_000_000_001L));
      }
    });
    step("delete records", () -> get(admin.deleteRecords(Map.of(new TopicPartition("append-time", 0),
        RecordsToDelete.beforeOffset(2))).all()));
  }

  static void security(Admin admin) {
    AclBinding acl = new AclBinding(new ResourcePattern(ResourceType.TOPIC, "codecs", PatternType.PREFIXED),
        new AccessControlEntry("User:alice", "*", AclOperation.READ, AclPermissionType.ALLOW));
    step("create acls", () -> get(admin.createAcls(List.of(acl)).all()));
    step("describe acls", () -> get(admin.describeAcls(AclBindingFilter.ANY).values()));
    step("delete acls", () -> get(admin.deleteAcls(List.of(acl.toFilter())).all()));
    step("alter scram", () -> get(admin.alterUserScramCredentials(List.of(new UserScramCredentialUpsertion("alice",
        new ScramCredentialInfo(ScramMechanism.SCRAM_SHA_256, 4096), "not a secret"))).all()));
    step("describe scram", () -> get(admin.describeUserScramCredentials(List.of("alice")).all()));
    ClientQuotaEntity entity = new ClientQuotaEntity(Map.of(ClientQuotaEntity.USER, "alice"));
    step("alter quotas", () -> get(admin.alterClientQuotas(List.of(new ClientQuotaAlteration(entity,
        List.of(new ClientQuotaAlteration.Op("producer_byte_rate", 12345.0))))).all()));
    step("describe quotas", () -> get(admin.describeClientQuotas(ClientQuotaFilter.all()).entities()));
    step("delegation token", () -> get(admin.createDelegationToken().delegationToken()));
    step("describe tokens", () -> get(admin.describeDelegationToken().delegationTokens()));
  }

  static void cluster(Admin admin) {
    step("describe cluster", () -> get(admin.describeCluster(
        new DescribeClusterOptions().includeAuthorizedOperations(true)).nodes()));
    step("quorum", () -> get(admin.describeMetadataQuorum().quorumInfo()));
    step("features", () -> get(admin.describeFeatures().featureMetadata()));
    step("update features", () -> get(admin.updateFeatures(Map.of("metadata.version",
        new FeatureUpdate((short) 1, FeatureUpdate.UpgradeType.SAFE_DOWNGRADE)),
        new UpdateFeaturesOptions().validateOnly(true)).all()));
    step("log dirs", () -> get(admin.describeLogDirs(List.of(1)).allDescriptions()));
    step("alter log dirs", () -> get(admin.alterReplicaLogDirs(
        Map.of(new TopicPartitionReplica("wide", 0, 1), "/nowhere")).all()));
    step("elect leaders", () -> get(admin.electLeaders(ElectionType.PREFERRED,
        Set.of(new TopicPartition("wide", 0))).partitions()));
    step("reassign", () -> get(admin.alterPartitionReassignments(Map.of(new TopicPartition("wide", 1),
        Optional.of(new NewPartitionReassignment(List.of(1))))).all()));
    step("list reassignments", () -> get(admin.listPartitionReassignments().reassignments()));
    step("client metrics", () -> get(admin.listClientMetricsResources().all()));
    step("unregister", () -> get(admin.unregisterBroker(99).all()));
  }

  static void cleanUp(Admin admin) {
    step("delete group", () -> get(admin.deleteConsumerGroups(List.of("classic-group", "none")).all()));
    step("delete topics", () -> get(admin.deleteTopics(List.of("assigned", "none")).all()));
  }
}
