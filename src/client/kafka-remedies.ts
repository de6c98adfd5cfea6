/** What an operator can do about the broker errors that are met in practice; by Kafka's own names. */
export const kafkaRemedies: Readonly<Record<string, string>> = {
  TOPIC_AUTHORIZATION_FAILED:
    'Grant the principal the operation on the topic (an ACL; DENY entries always win).',
  GROUP_AUTHORIZATION_FAILED: 'Grant the principal READ or DESCRIBE on the consumer group.',
  CLUSTER_AUTHORIZATION_FAILED:
    'Grant the principal the operation on the cluster resource; exact links need ALTER or CLUSTER_ACTION.',
  TRANSACTIONAL_ID_AUTHORIZATION_FAILED: 'Grant the principal WRITE on the transactional id.',
  SASL_AUTHENTICATION_FAILED: 'Check user, password and mechanism of `sasl`.',
  UNSUPPORTED_SASL_MECHANISM: 'Use one of the mechanisms that the broker’s listener enables.',
  ILLEGAL_SASL_STATE: 'The listener takes no SASL: remove `sasl`, or use the port of the SASL listener.',
  UNKNOWN_TOPIC_OR_PARTITION:
    'Check the topic’s name; without the right to DESCRIBE it a topic looks absent.',
  TOPIC_ALREADY_EXISTS: 'Use the topic as it is, choose another name, or delete it first.',
  INVALID_REPLICATION_FACTOR:
    'Use a replication factor that is not larger than the number of running brokers.',
  INVALID_PARTITIONS: 'A topic’s partitions can be added to, never removed.',
  INVALID_CONFIG: 'Correct the configuration value that the broker names.',
  POLICY_VIOLATION:
    'The broker’s policy forbids it; records of a topic with cleanup.policy=compact cannot be deleted.',
  NOT_ENOUGH_REPLICAS: 'Bring replicas back: fewer are in sync than min.insync.replicas asks for.',
  MESSAGE_TOO_LARGE: 'Raise max.message.bytes of the topic, or message.max.bytes of the broker.',
  NON_EMPTY_GROUP: 'Stop the group’s members first.',
  GROUP_ID_NOT_FOUND: 'Check the group’s name; empty groups vanish after offsets.retention.minutes.',
  UNKNOWN_MEMBER_ID: 'The group has active members; stop them before writing its offsets from outside.',
  REASSIGNMENT_IN_PROGRESS: 'Wait until the running reassignment ends, or cancel it.',
  INVALID_PRODUCER_EPOCH: 'Another writer took over with a newer epoch; stop this one.',
  PRODUCER_FENCED: 'Another writer took over with the same transactional id; stop this one.',
  TRANSACTION_COORDINATOR_FENCED: 'Another writer took over with a newer generation; stop this one.',
  SECURITY_DISABLED: 'The brokers run without an authorizer; ACLs cannot be listed or changed.',
  FEATURE_UPDATE_FAILED: 'Compare the feature levels of the brokers (kafka-features describe).',
}
