import {
  BASE_PORT,
  NEWEST,
  PORTS_PER_CLUSTER,
  startClusters,
  type TestCluster,
} from '../../harness/clusters.ts'
import { JavaClient } from '../../harness/java/client.ts'
import { FaultProxy } from '../proxy/proxy.ts'
import { LinkProcess } from './link-process.ts'
import { SmallDisk } from './tmpfs.ts'

const DISK_MIB = 1024
/** Within a cluster's ports: where brokers listen for the proxies, and where the proxies listen. */
const INNER_PORT = 10
const OUTER_PORT = 14
/** A run kills brokers all the time; the engine shall not give one up for that. */
const CRASHES_MAX = 1_000

/** One cluster, each broker with a proxy between it and the link. Everybody else comes directly. */
export type Side = {
  readonly cluster: TestCluster
  readonly proxies: readonly FaultProxy[]
}

/** A number that a fault drew, of the `kmc` that it means. */
export function kmcOf({ kmcs }: World, drawn: number): LinkProcess {
  return kmcs[drawn % kmcs.length]!
}

export type SideName = 'source' | 'destination'
export const sideNames: readonly SideName[] = ['source', 'destination']

/** Everything that a fault can be done to. */
export type World = Readonly<Record<SideName, Side>> & {
  /** Every `kmc` that runs the fleet; they share the link's partitions. */
  readonly kmcs: readonly LinkProcess[]
  readonly java: JavaClient
  /** Holds the data of the destination; null where this machine lets us make none. */
  readonly disk: SmallDisk | null
  /** Folders that hold the logs of all that runs, by what they are called in a report. */
  readonly logs: Readonly<Record<string, string>>
  readonly stop: () => Promise<void>
}

/** Starts brokers, a proxy before each, a reader and writer, and nothing of kmc yet. */
export async function startWorld(
  brokers: Readonly<Record<SideName, number>> = { source: 3, destination: 3 },
): Promise<World> {
  const disk = SmallDisk.make(DISK_MIB)
  const ports = { source: portsOf(0, brokers.source), destination: portsOf(1, brokers.destination) }
  const choice = (side: SideName) => ({
    kafka: NEWEST,
    brokers: brokers[side],
    crashesMax: CRASHES_MAX,
    forwarded: Object.fromEntries(
      ports[side].map(({ broker, inner, outer }) => [
        broker,
        { port: inner, advertised: `127.0.0.1:${outer}` },
      ]),
    ),
  })
  const started = await startClusters({
    source: choice('source'),
    destination: {
      ...choice('destination'),
      ...(disk === null ? {} : { directory: `${disk.path}/cluster` }),
    },
  })
  const side = async (name: SideName): Promise<Side> => {
    const proxies = ports[name].map(({ inner, outer }) => FaultProxy.start(outer, inner))
    return { cluster: started.clusters[name], proxies: await Promise.all(proxies) }
  }
  const [source, destination] = [await side('source'), await side('destination')]
  const bootstrap = ({ proxies }: Side) => proxies.map(({ port }) => `127.0.0.1:${port}`)
  const sides = { source: bootstrap(source), destination: bootstrap(destination) }
  const kmcs = (['up', 'serve'] as const).map((command) => new LinkProcess(command, sides))
  const java = await JavaClient.start()
  const stop = async () => {
    disk?.free()
    await Promise.all(kmcs.map((kmc) => kmc.down()))
    await java.close()
    await Promise.all([source, destination].flatMap(({ proxies }) => proxies.map((proxy) => proxy.stop())))
    await started.stop()
    disk?.remove()
  }
  const logs = {
    source: source.cluster.directory,
    destination: destination.cluster.directory,
    ...Object.fromEntries(kmcs.map((kmc, index) => [`kmc-${index}`, kmc.directory])),
  }
  return { source, destination, kmcs, java, disk, logs, stop }
}

type Ports = { readonly broker: number; readonly inner: number; readonly outer: number }

function portsOf(index: number, brokers: number): Ports[] {
  const base = BASE_PORT + index * PORTS_PER_CLUSTER
  return Array.from({ length: brokers }, (_, at) => {
    return { broker: at + 1, inner: base + INNER_PORT + at, outer: base + OUTER_PORT + at }
  })
}
