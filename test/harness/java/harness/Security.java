package harness;

import static harness.Values.list;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ScramCredentialInfo;
import org.apache.kafka.clients.admin.ScramMechanism;
import org.apache.kafka.clients.admin.UserScramCredentialUpsertion;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.quota.ClientQuotaAlteration;
import org.apache.kafka.common.quota.ClientQuotaEntity;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;

/** Users, their rights, and what clients may use. */
final class Security {
  private static final int ITERATIONS = 4096;

  private Security() {}

  static void addTo(Map<String, Driver.Operation> operations) {
    operations.put("createUser", (request, part) -> createUser(request));
    operations.put("setProducerQuota", (request, part) -> setProducerQuota(request));
    operations.put("addAcls", (request, part) -> {
      try (Admin admin = Topics.admin(request)) {
        admin.createAcls(list(request.get("acls"), Security::binding)).all().get();
      }
      return true;
    });
    operations.put("removeAcls", (request, part) -> {
      try (Admin admin = Topics.admin(request)) {
        var filters = list(request.get("acls"), acl -> binding(acl).toFilter());
        return admin.deleteAcls(filters).all().get().size();
      }
    });
  }

  private static Object createUser(JsonNode request) throws Exception {
    ScramMechanism mechanism = ScramMechanism.fromMechanismName(request.get("mechanism").asText());
    var credential = new UserScramCredentialUpsertion(
        request.get("user").asText(),
        new ScramCredentialInfo(mechanism, ITERATIONS),
        request.get("password").asText());
    try (Admin admin = Topics.admin(request)) {
      admin.alterUserScramCredentials(List.of(credential)).all().get();
    }
    return true;
  }

  /** What each client id may write a second, for all clients of the cluster; null takes the limit away. */
  private static Object setProducerQuota(JsonNode request) throws Exception {
    Map<String, String> everyClient = new HashMap<>();
    everyClient.put(ClientQuotaEntity.CLIENT_ID, null);
    JsonNode rate = request.get("bytesPerSecond");
    var limit = new ClientQuotaAlteration.Op("producer_byte_rate", rate.isNull() ? null : rate.asDouble());
    var change = new ClientQuotaAlteration(new ClientQuotaEntity(everyClient), List.of(limit));
    try (Admin admin = Topics.admin(request)) {
      admin.alterClientQuotas(List.of(change)).all().get();
    }
    return true;
  }

  /** {user, resource: "TOPIC", name, pattern: "LITERAL", operation: "READ"} as Kafka's enums have it; always ALLOW. */
  private static AclBinding binding(JsonNode acl) {
    ResourceType type = ResourceType.fromString(acl.get("resource").asText());
    PatternType pattern = PatternType.fromString(Values.text(acl, "pattern", "LITERAL"));
    AclOperation operation = AclOperation.fromString(acl.get("operation").asText());
    return new AclBinding(
        new ResourcePattern(type, acl.get("name").asText(), pattern),
        new AccessControlEntry(
            "User:" + acl.get("user").asText(), "*", operation, AclPermissionType.ALLOW));
  }
}
