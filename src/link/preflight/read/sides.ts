import { X509Certificate } from 'node:crypto'
import { describeConfigs } from '../../../client/admin/configs.ts'
import { describeLogDirs, type LogDir } from '../../../client/admin/log-dirs.ts'
import { describeQuorum } from '../../../client/admin/quorum.ts'
import { describeQuotas } from '../../../client/admin/quotas.ts'
import { perBroker } from '../../../client/broker-calls.ts'
import type { Cluster } from '../../../client/cluster.ts'
import type { ClusterConfig } from '../../../client/config.ts'
import { ClientError } from '../../../client/errors.ts'
import { unwrap } from '../../../client/outcome.ts'
import { userOf } from '../commands.ts'
import type { Access, QuotaFacts, Settings, SideFacts, Told } from '../facts.ts'
import { missingApis } from './apis.ts'
import { tell } from './tell.ts'

const LIMITS = { timeoutMs: 10_000 }

/** What is read of either side. `logDirs` is asked once for sizes and for free room. */
export async function sideFacts(
  cluster: Cluster,
  side: 'source' | 'destination',
  logDirs: Told<readonly LogDir[]>,
): Promise<SideFacts> {
  const access = accessOf(cluster.config)
  const [metadataLevel, apis, brokerSettings, quotas, clock] = await Promise.all([
    metadataLevelOf(cluster),
    tell(() => apisOf(cluster, side)),
    tell(() => settingsOfBroker(cluster)),
    tell(() => quotasOf(cluster)),
    tell(() => clockOf(cluster)),
  ])
  return {
    name: cluster.name,
    access,
    clusterId: cluster.clusterId,
    brokers: cluster.metadata.brokers.length,
    metadataLevel,
    missingApis: apis,
    brokerSettings,
    quotas,
    clock,
    disks: logDirs.told ? { told: true, value: roomOf(logDirs.value) } : logDirs,
  }
}

const NOT_ASKED = { told: false, why: 'it was not asked' } as const

/** The little that must be known before a link starts. */
export async function gateFacts(cluster: Cluster, side: 'source' | 'destination'): Promise<SideFacts> {
  return {
    name: cluster.name,
    access: accessOf(cluster.config),
    clusterId: cluster.clusterId,
    brokers: cluster.metadata.brokers.length,
    metadataLevel: 0,
    missingApis: await tell(() => apisOf(cluster, side)),
    brokerSettings: NOT_ASKED,
    quotas: NOT_ASKED,
    clock: NOT_ASKED,
    disks: NOT_ASKED,
  }
}

export function readLogDirs(cluster: Cluster): Promise<Told<readonly LogDir[]>> {
  return tell(async () => {
    const { logDirs, failures } = await describeLogDirs(cluster, LIMITS)
    if (failures[0] !== undefined) throw failures[0].error
    return logDirs
  })
}

/** The name that ACLs are for, as far as it can be told from here: a broker may map it to another. */
function accessOf({ bootstrap, sasl, tls }: ClusterConfig): Access {
  const name =
    sasl !== undefined
      ? 'username' in sasl
        ? sasl.username
        : 'PRINCIPAL-OF-THE-TOKEN'
      : tls?.certificate !== undefined
        ? // Kafka writes the parts of a distinguished name in the other order (RFC 2253).
          new X509Certificate(tls.certificate).subject.split('\n').reverse().join(',')
        : 'ANONYMOUS'
  return {
    principal: `User:${name}`,
    bootstrap: bootstrap.join(','),
    isSecured: sasl !== undefined || tls !== undefined,
  }
}

async function metadataLevelOf(cluster: Cluster): Promise<number> {
  const { versions } = await cluster.connection('any', LIMITS)
  return versions.featureLevel('metadata.version')
}

async function apisOf(cluster: Cluster, side: 'source' | 'destination') {
  const { answers, failures } = await perBroker(cluster, {
    what: `requests that brokers of ${cluster.name} serve`,
    ...LIMITS,
    ask: async (node, limits) => missingApis((await cluster.connection(node, limits)).versions, side),
  })
  if (failures[0] !== undefined) throw failures[0].error
  return answers.map(({ node, value }) => ({ node, apis: value }))
}

async function settingsOfBroker(cluster: Cluster): Promise<Settings> {
  const [broker] = cluster.metadata.brokers
  const query = { type: 'broker', name: String(broker?.nodeId ?? 0) } as const
  const [outcome] = await describeConfigs(cluster, [query], LIMITS)
  return Object.fromEntries(
    unwrap(outcome!).flatMap(({ name, value }) => (value === null ? [] : [[name, value]])),
  )
}

/** The strictest entry counts, as far as names tell: one for the user, or the default of all users. */
async function quotasOf(cluster: Cluster): Promise<QuotaFacts> {
  const user = userOf(accessOf(cluster.config))
  const quotas = await describeQuotas(cluster, {}, LIMITS)
  const own = quotas.filter(({ entity }) => 'user' in entity && entity.user === user)
  const ofAll = quotas.filter(({ entity }) => 'user' in entity && entity.user === null)
  const areOwn = own.length > 0
  const entries = (areOwn ? own : ofAll).flatMap(({ values }) => [...values])
  return { limits: Object.fromEntries(entries.map(([key, value]) => [key, String(value)])), areOwn }
}

/** The active controller tells its own time in the quorum's state (KRaft). */
async function clockOf(cluster: Cluster): Promise<{ leastMs: number; mostMs: number }> {
  const before = Date.now()
  const { leaderId, voters } = await describeQuorum(cluster, LIMITS)
  const after = Date.now()
  const theirs = voters.find(({ nodeId }) => nodeId === leaderId)?.lastCaughtUpAtMs ?? null
  if (theirs === null) throw new ClientError('INCOMPLETE_RESPONSE', 'The controller does not tell its time.')
  return { leastMs: theirs - after, mostMs: theirs - before }
}

function roomOf(logDirs: readonly LogDir[]) {
  const byNode = Map.groupBy(logDirs, ({ node }) => node)
  return [...byNode].flatMap(([node, dirs]) => {
    const rooms = dirs.flatMap(({ usableBytes, totalBytes }) => {
      return usableBytes === null || totalBytes === null ? [] : [{ node, freeBytes: usableBytes, totalBytes }]
    })
    return rooms.sort((a, b) => a.freeBytes - b.freeBytes).slice(0, 1)
  })
}
