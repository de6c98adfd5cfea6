import { Cluster } from '../client/cluster.ts'
import type { WorkerMemory } from './copy/memory.ts'
import { linkError } from './errors.ts'
import type { LinkSpec } from './spec.ts'
import { isTurned, turned } from './turn/direction.ts'

/** Both ends of a link, and its spec as it runs now. */
export type Connected = { readonly spec: LinkSpec; readonly source: Cluster; readonly destination: Cluster }

export type ConnectOptions = {
  readonly memory: WorkerMemory
  /** Leaves both clusters at once, now and later: whatever still uses them ends for it. */
  readonly signal: AbortSignal | undefined
}

/**
 * Connects to both ends of a link, whatever way it was declared.
 * @throws LINK_TO_ITSELF, and what hinders either connection
 */
export async function connectLink(declared: LinkSpec, options: ConnectOptions): Promise<Connected> {
  const connected = await connectAsTurned(declared, options)
  const leave = () => void leaveBoth(connected)
  options.signal?.addEventListener('abort', leave, { once: true })
  if (options.signal?.aborted) leave()
  return connected
}

export async function leaveBoth({ source, destination }: Omit<Connected, 'spec'>): Promise<void> {
  await Promise.all([source.close(), destination.close()])
}

async function connectAsTurned(declared: LinkSpec, options: ConnectOptions): Promise<Connected> {
  const first = await connectBoth(declared, options)
  try {
    if (!(await isTurned(declared.name, first.source, first.destination))) return first
  } catch (error) {
    await leaveBoth(first)
    throw error
  }
  await leaveBoth(first)
  return await connectBoth(turned(declared), options)
}

async function connectBoth(spec: LinkSpec, { memory, signal }: ConnectOptions): Promise<Connected> {
  const [source, destination] = await Promise.allSettled([
    Cluster.connect(spec.source, { framePool: memory.frames, signal }),
    Cluster.connect(spec.destination, { signal }),
  ])
  if (source.status === 'fulfilled' && destination.status === 'fulfilled') {
    const connected = { spec, source: source.value, destination: destination.value }
    if (source.value.clusterId !== destination.value.clusterId) return connected
    await leaveBoth(connected)
    const text = `link ${spec.name}: ${spec.source.name} and ${spec.destination.name} are one cluster`
    throw linkError('LINK_TO_ITSELF', text, { context: { clusterId: source.value.clusterId } })
  }
  if (source.status === 'fulfilled') await source.value.close()
  if (destination.status === 'fulfilled') await destination.value.close()
  throw source.status === 'rejected' ? source.reason : (destination as PromiseRejectedResult).reason
}
