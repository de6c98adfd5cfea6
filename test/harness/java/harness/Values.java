package harness;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.function.Function;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeaders;

/** Between JSON and what Kafka's clients take and give. Bytes are base64, absent bytes null. */
final class Values {
  private Values() {}

  static Properties properties(JsonNode config) {
    Properties properties = new Properties();
    config.properties().forEach(entry -> properties.put(entry.getKey(), entry.getValue().asText()));
    return properties;
  }

  static Map<String, String> texts(JsonNode object) {
    Map<String, String> texts = new HashMap<>();
    if (object != null) object.properties().forEach(entry -> texts.put(entry.getKey(), entry.getValue().asText()));
    return texts;
  }

  static <T> List<T> list(JsonNode array, Function<JsonNode, T> map) {
    List<T> list = new ArrayList<>();
    if (array != null) array.forEach(item -> list.add(map.apply(item)));
    return list;
  }

  static String text(JsonNode object, String field, String otherwise) {
    return object.hasNonNull(field) ? object.get(field).asText() : otherwise;
  }

  static ProducerRecord<byte[], byte[]> toSend(String topic, JsonNode record) {
    RecordHeaders headers = new RecordHeaders();
    if (record.hasNonNull("headers")) {
      record.get("headers").forEach(pair -> headers.add(pair.get(0).asText(), bytes(pair.get(1))));
    }
    Long timestamp = record.hasNonNull("timestamp") ? record.get("timestamp").asLong() : null;
    int partition = record.get("partition").asInt();
    return new ProducerRecord<>(
        topic, partition, timestamp, bytes(record.get("key")), bytes(record.get("value")), headers);
  }

  static Map<String, Object> seen(ConsumerRecord<byte[], byte[]> record) {
    List<Object> headers = new ArrayList<>();
    for (Header header : record.headers()) {
      List<Object> pair = new ArrayList<>();
      pair.add(header.key());
      pair.add(base64(header.value()));
      headers.add(pair);
    }
    Map<String, Object> seen = new LinkedHashMap<>();
    seen.put("partition", record.partition());
    seen.put("offset", record.offset());
    seen.put("timestamp", record.timestamp());
    seen.put("timestampType", record.timestampType().toString());
    seen.put("key", base64(record.key()));
    seen.put("value", base64(record.value()));
    seen.put("headers", headers);
    return seen;
  }

  private static byte[] bytes(JsonNode base64) {
    return base64 == null || base64.isNull() ? null : Base64.getDecoder().decode(base64.asText());
  }

  private static String base64(byte[] bytes) {
    return bytes == null ? null : Base64.getEncoder().encodeToString(bytes);
  }
}
