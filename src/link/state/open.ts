import type { Cluster } from '../../client/cluster.ts'
import { ensureStateTopic } from './topic.ts'
import { STATE_TOPIC } from './value.ts'

type Reader<Log> = new (cluster: Cluster) => Log
type Readable = { refresh(): Promise<void> }

/** A reader of `__kmc_state`, read to its end; the topic is made where there is none. */
export async function openLog<Log extends Readable>(
  cluster: Cluster,
  { as: Reader }: { readonly as: Reader<Log> },
): Promise<Log> {
  await ensureStateTopic(cluster)
  const log = new Reader(cluster)
  await log.refresh()
  return log
}

/** The same for a cluster as it is; null where kmc has never written. Writes nothing. */
export async function readLog<Log extends Readable>(
  cluster: Cluster,
  { as: Reader }: { readonly as: Reader<Log> },
): Promise<Log | null> {
  await cluster.refresh([STATE_TOPIC])
  if (cluster.metadata.topic(STATE_TOPIC) === undefined) return null
  const log = new Reader(cluster)
  await log.refresh()
  return log
}
