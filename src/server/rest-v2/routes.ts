import type { Route } from '../http/route.ts'
import type { ConsumerInstances } from './consumer/instances.ts'
import { offsetRoutes, positionRoutes } from './consumer-offsets.ts'
import { consumerRecordRoutes } from './consumer-records.ts'
import { consumerRoutes } from './consumers.ts'
import { produceRoutes } from './produce.ts'
import { assignmentRoutes, subscriptionRoutes } from './subscriptions.ts'
import { topicRoutes } from './topics.ts'

/** Confluent's REST Proxy v2, below each cluster and at the root. */
export function restV2Routes(instances: ConsumerInstances): readonly Route[] {
  const ofInstances = [
    consumerRoutes,
    subscriptionRoutes,
    assignmentRoutes,
    consumerRecordRoutes,
    offsetRoutes,
    positionRoutes,
  ]
  return [...topicRoutes, ...produceRoutes, ...ofInstances.flatMap((routes) => routes(instances))]
}
