package harness;

import static harness.Values.list;
import static harness.Values.texts;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;

/** Kafka's own admin client: topics, their settings and what they hold. */
final class Topics {
  private Topics() {}

  static void addTo(Map<String, Driver.Operation> operations) {
    operations.put("createTopics", (request, part) -> createTopics(request));
    operations.put("addPartitions", (request, part) -> addPartitions(request));
    operations.put("deleteTopics", (request, part) -> {
      try (Admin admin = admin(request)) {
        admin.deleteTopics(list(request.get("topics"), JsonNode::asText)).all().get();
      }
      return true;
    });
    operations.put("listTopics", (request, part) -> {
      try (Admin admin = admin(request)) {
        return admin.listTopics().names().get();
      }
    });
    operations.put("describeTopic", (request, part) -> describeTopic(request));
    operations.put("setConfigs", (request, part) -> setConfigs(request));
    operations.put("deleteRecords", (request, part) -> deleteRecords(request));
    operations.put("describeCluster", (request, part) -> describeCluster(request));
  }

  static Admin admin(JsonNode request) {
    return Admin.create(Values.properties(request.get("config")));
  }

  private static Object createTopics(JsonNode request) throws Exception {
    List<NewTopic> topics = new ArrayList<>();
    for (JsonNode topic : request.get("topics")) {
      short copies = (short) (topic.hasNonNull("replicas") ? topic.get("replicas").asInt() : -1);
      NewTopic made = new NewTopic(topic.get("name").asText(), topic.get("partitions").asInt(), copies);
      topics.add(made.configs(texts(topic.get("configs"))));
    }
    try (Admin admin = admin(request)) {
      admin.createTopics(topics).all().get();
    }
    return true;
  }

  private static Object addPartitions(JsonNode request) throws Exception {
    NewPartitions partitions = NewPartitions.increaseTo(request.get("partitions").asInt());
    try (Admin admin = admin(request)) {
      admin.createPartitions(Map.of(request.get("topic").asText(), partitions)).all().get();
    }
    return true;
  }

  /** Id, leaders by partition, and the settings that were set on the topic itself. */
  private static Object describeTopic(JsonNode request) throws Exception {
    String name = request.get("topic").asText();
    try (Admin admin = admin(request)) {
      var topic = admin.describeTopics(List.of(name)).allTopicNames().get().get(name);
      ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, name);
      Map<String, String> configs = new TreeMap<>();
      for (ConfigEntry entry : admin.describeConfigs(List.of(resource)).all().get().get(resource).entries()) {
        if (entry.source() == ConfigEntry.ConfigSource.DYNAMIC_TOPIC_CONFIG) {
          configs.put(entry.name(), entry.value());
        }
      }
      List<Integer> leaders = new ArrayList<>();
      topic.partitions().forEach(info -> leaders.add(info.leader() == null ? -1 : info.leader().id()));
      return Map.of("id", topic.topicId().toString(), "leaders", leaders, "configs", configs);
    }
  }

  private static Object setConfigs(JsonNode request) throws Exception {
    List<AlterConfigOp> changes = new ArrayList<>();
    texts(request.get("configs")).forEach((name, value) ->
        changes.add(new AlterConfigOp(new ConfigEntry(name, value), AlterConfigOp.OpType.SET)));
    ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, request.get("topic").asText());
    try (Admin admin = admin(request)) {
      admin.incrementalAlterConfigs(Map.of(resource, changes)).all().get();
    }
    return true;
  }

  private static Object deleteRecords(JsonNode request) throws Exception {
    Map<TopicPartition, RecordsToDelete> deletions = new HashMap<>();
    request.get("before").properties().forEach(entry -> deletions.put(
        new TopicPartition(request.get("topic").asText(), Integer.parseInt(entry.getKey())),
        RecordsToDelete.beforeOffset(entry.getValue().asLong())));
    try (Admin admin = admin(request)) {
      admin.deleteRecords(deletions).all().get();
    }
    return true;
  }

  private static Object describeCluster(JsonNode request) throws Exception {
    try (Admin admin = admin(request)) {
      var cluster = admin.describeCluster();
      return Map.of("clusterId", cluster.clusterId().get(), "brokers", cluster.nodes().get().size());
    }
  }
}
