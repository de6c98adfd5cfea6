import type { Route } from '../http/route.ts'
import { aclRoutes } from './acls.ts'
import { brokerRoutes } from './brokers.ts'
import { clusterRoutes } from './clusters.ts'
import { settingRoutes } from './configs.ts'
import { groupRoutes } from './groups.ts'
import { lagRoutes } from './lags.ts'
import { linkRoutes } from './links.ts'
import { partitionRoutes } from './partitions.ts'
import { reassignmentRoutes } from './reassignments.ts'
import { recordRoutes } from './records.ts'
import { topicRoutes } from './topics.ts'

/** Confluent's REST Proxy v3, by subject. */
export const v3Routes: readonly Route[] = [
  ...clusterRoutes,
  ...brokerRoutes,
  ...topicRoutes,
  ...settingRoutes,
  ...partitionRoutes,
  ...reassignmentRoutes,
  ...aclRoutes,
  ...groupRoutes,
  ...lagRoutes,
  ...linkRoutes,
  ...recordRoutes,
]
