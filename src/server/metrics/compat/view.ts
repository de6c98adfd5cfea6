import type { TopicMetadata } from '../../../client/metadata.ts'
import type { ClusterView, GroupPartitionView, GroupView } from '../../../observe/watch/view.ts'
import type { Row } from '../metric.ts'

/** Clusters as their watches saw them last. */
export type Clusters = readonly ClusterView[]

export type Value = number | null
/** The values of the labels behind the cluster's, and the value. */
export type ClusterRow = readonly [labels: readonly (string | number)[], value: Value]

/** Rows of each cluster, with its name for the first label. */
export function ofClusters(rows: (view: ClusterView) => Iterable<ClusterRow>) {
  return function* (clusters: Clusters): Generator<Row> {
    for (const view of clusters) {
      for (const [labels, value] of rows(view)) yield [[view.name, ...labels.map(String)], value]
    }
  }
}

export function ofTopics(rows: (topic: TopicMetadata, view: ClusterView) => Iterable<ClusterRow>) {
  return ofClusters(function* (view) {
    for (const topic of view.topics.value?.topics.values() ?? []) yield* rows(topic, view)
  })
}

export function ofGroups(rows: (group: GroupView) => Iterable<ClusterRow>) {
  return ofClusters(function* (view) {
    for (const group of view.groups.value?.groups.values() ?? []) yield* rows(group)
  })
}

/** A row for each partition on which a group has a position. */
export function ofPositions(labels: (group: GroupView, at: GroupPartitionView) => ClusterRow) {
  return ofGroups((group) => committed(group).map((partition) => labels(group, partition)))
}

/** A row for each topic that a group has positions on. */
export function ofGroupTopics(value: (partitions: readonly GroupPartitionView[], group: GroupView) => Value) {
  return ofGroups((group) => {
    const topics = Map.groupBy(committed(group), ({ topic }) => topic)
    return [...topics].map(([topic, all]): ClusterRow => [[group.groupId, topic], value(all, group)])
  })
}

export function committed(group: GroupView): GroupPartitionView[] {
  return group.partitions.filter(({ position }) => position !== null)
}

/** Null as soon as one of them is not known. */
export function sum(values: readonly Value[]): Value {
  return values.reduce((total, value) => (total === null || value === null ? null : total + value), 0)
}

/** Of those that are known; null where none is. */
export function greatest(values: readonly Value[]): Value {
  const known = values.filter((value) => value !== null)
  return known.length === 0 ? null : known.reduce((most, value) => Math.max(most, value))
}

/** Start and end of the logs that some group reads; of others a watch does not ask. */
export function* readLogs(view: ClusterView): Generator<GroupPartitionView> {
  const seen = new Set<string>()
  for (const group of view.groups.value?.groups.values() ?? []) {
    for (const partition of group.partitions) {
      const name = `${partition.topic}-${partition.partition}`
      if (!seen.has(name)) yield partition
      seen.add(name)
    }
  }
}

/** By topic, of the logs that some group reads. */
export function logsByTopic(view: ClusterView): Map<string, GroupPartitionView[]> {
  return Map.groupBy(readLogs(view), ({ topic }) => topic)
}
