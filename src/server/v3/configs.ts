import { describeConfigs } from '../../client/admin/configs.ts'
import { describeCluster } from '../../client/admin/describe-cluster.ts'
import { listTopics } from '../../client/admin/topics.ts'
import { unwrap } from '../../client/outcome.ts'
import { ask, missing, topicOf } from '../ask.ts'
import { may } from '../door/caller.ts'
import { type Route, route } from '../http/route.ts'
import { configRoutes } from './config-routes.ts'
import { brokerConfig, clusterConfig, configResource, topicConfig } from './config-shape.ts'
import { pageOf, pageQuery } from './page.ts'
import { brokerPlace, clusterPlace, collection, collectionOf, topicPlace } from './shape.ts'

const viewer = { role: 'viewer', on: 'cluster' } as const
const admin = { role: 'admin', on: 'cluster' } as const

function topicOwner(clusterId: string, topic: string) {
  const { path, crn } = topicPlace(clusterId, topic)
  return { self: `${path}/configs`, crn, clusterId, own: { topic_name: topic } }
}

function brokerOwner(clusterId: string, broker: number) {
  const { path, crn } = brokerPlace(clusterId, broker)
  return { self: `${path}/configs`, crn, clusterId, own: { broker_id: broker } }
}

const ofTopics = configRoutes({
  kind: 'KafkaTopicConfig',
  path: '/v3/clusters/{cluster}/topics/{topic}/configs',
  what: 'a topic',
  schema: topicConfig,
  read: { role: 'viewer', on: 'topic' },
  change: { role: 'operator', on: 'topic' },
  action: 'topic.config',
  async resource({ topic }, cluster, limits) {
    return { type: 'topic', name: (await topicOf(cluster, topic, limits)).name }
  },
  owner: (clusterId, { topic }) => topicOwner(clusterId, topic),
})

const ofBrokers = configRoutes({
  kind: 'KafkaBrokerConfig',
  path: '/v3/clusters/{cluster}/brokers/{broker}/configs',
  what: 'a broker',
  schema: brokerConfig,
  read: viewer,
  change: admin,
  action: 'broker.config',
  async resource({ broker }, cluster, limits) {
    const { brokers } = await describeCluster(cluster, limits)
    const isThere = brokers.some(({ nodeId }) => String(nodeId) === broker)
    return { type: 'broker', name: isThere ? broker : missing(`broker ${broker}`) }
  },
  owner: (clusterId, { broker }) => brokerOwner(clusterId, Number(broker)),
})

const ofClusters = configRoutes({
  kind: 'KafkaClusterConfig',
  path: '/v3/clusters/{cluster}/broker-configs',
  what: 'all brokers of a cluster, where set at run time',
  schema: clusterConfig,
  read: viewer,
  change: admin,
  action: 'cluster.config',
  // Kafka's name for what holds for every broker that has nothing of its own.
  resource: async () => ({ type: 'broker', name: '' }),
  isOwn: ({ source }) => source === 'dynamic-default-broker',
  owner(clusterId) {
    const { path, crn } = clusterPlace(clusterId)
    return {
      self: `${path}/broker-configs`,
      crn: `${crn}/broker-config`,
      clusterId,
      own: { config_type: 'BROKER' },
    }
  },
})

const overviews: readonly Route[] = [
  route({
    method: 'GET',
    path: '/v3/clusters/{cluster}/topics/-/configs',
    tag: 'configs',
    summary: 'Settings of all topics that the caller may see; a page is counted in topics',
    need: { role: 'viewer', on: 'somewhere' },
    action: null,
    query: pageQuery,
    answer: collectionOf('KafkaTopicConfigList', topicConfig),
    handle: (call) =>
      ask(call, async (cluster, limits) => {
        const { caller, params, query } = call
        const self = `${clusterPlace(cluster.clusterId).path}/topics/-/configs`
        const seen = (await listTopics(cluster, limits)).filter(({ name }) =>
          may(caller, 'viewer', { cluster: params.cluster, resource: { kind: 'topic', name } }),
        )
        const { items, next } = pageOf(seen, ({ name }) => name, query, self)
        const asked = items.map(({ name }) => ({ type: 'topic' as const, name }))
        const outcomes = await describeConfigs(cluster, asked, { ...limits, synonyms: true })
        // A topic that was deleted meanwhile has no settings.
        const data = asked.flatMap(({ name }, at) => {
          const outcome = outcomes[at]!
          if (!outcome.ok) return []
          const owner = topicOwner(cluster.clusterId, name)
          return outcome.value.map((entry) => configResource('KafkaTopicConfig', owner, entry))
        })
        return collection('KafkaTopicConfigList', self, data, next)
      }),
  }),
  route({
    method: 'GET',
    path: '/v3/clusters/{cluster}/brokers/-/configs',
    tag: 'configs',
    summary: 'Settings of all brokers',
    need: viewer,
    action: null,
    answer: collectionOf('KafkaBrokerConfigList', brokerConfig),
    handle: (call) =>
      ask(call, async (cluster, limits) => {
        const { brokers } = await describeCluster(cluster, limits)
        const asked = brokers.map(({ nodeId }) => ({ type: 'broker' as const, name: String(nodeId) }))
        const outcomes = await describeConfigs(cluster, asked, { ...limits, synonyms: true })
        const data = brokers.flatMap(({ nodeId }, at) => {
          const owner = brokerOwner(cluster.clusterId, nodeId)
          return unwrap(outcomes[at]!).map((entry) => configResource('KafkaBrokerConfig', owner, entry))
        })
        const self = `${clusterPlace(cluster.clusterId).path}/brokers/-/configs`
        return collection('KafkaBrokerConfigList', self, data)
      }),
  }),
]

export const settingRoutes: readonly Route[] = [...overviews, ...ofTopics, ...ofBrokers, ...ofClusters]
