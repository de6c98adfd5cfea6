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

const BROKERS = 3
const KMCS = 1
const DISK_MIB = 1024
/** Within a cluster's ports: where brokers listen for the proxies, and where the proxies listen. */
const INNER_PORT = 10
const OUTER_PORT = 14
/** A run kills brokers all the time; the engine shall not give one up for that. */
const CRASHES_MAX = 1_000

/** One cluster of three brokers, each with a proxy between it and the link. Everybody else comes directly. */
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
  readonly stop: () => Promise<void>
}

/** Starts six brokers, six proxies, a reader and writer, and nothing of kmc yet. */
export async function startWorld(): Promise<World> {
  const disk = SmallDisk.make(DISK_MIB)
  const choice = (index: number) => ({
    kafka: NEWEST,
    brokers: BROKERS,
    crashesMax: CRASHES_MAX,
    forwarded: Object.fromEntries(
      portsOf(index).map(({ broker, inner, outer }) => [
        broker,
        { port: inner, advertised: `127.0.0.1:${outer}` },
      ]),
    ),
  })
  const started = await startClusters({
    source: choice(0),
    destination: { ...choice(1), ...(disk === null ? {} : { directory: `${disk.path}/cluster` }) },
  })
  const proxies = await Promise.all(
    [0, 1].map((index) =>
      Promise.all(portsOf(index).map(({ inner, outer }) => FaultProxy.start(outer, inner))),
    ),
  )
  const { clusters } = started
  const source = { cluster: clusters.source, proxies: proxies[0]! }
  const destination = { cluster: clusters.destination, proxies: proxies[1]! }
  const bootstrap = (side: Side) => side.proxies.map(({ port }) => `127.0.0.1:${port}`)
  const sides = { source: bootstrap(source), destination: bootstrap(destination) }
  const kmcs = Array.from({ length: KMCS }, () => new LinkProcess(sides))
  const java = await JavaClient.start()
  const stop = async () => {
    disk?.free()
    await Promise.all(kmcs.map((kmc) => kmc.down()))
    await java.close()
    await Promise.all(proxies.flat().map((proxy) => proxy.stop()))
    await started.stop()
    disk?.remove()
  }
  return { source, destination, kmcs, java, disk, stop }
}

function portsOf(index: number): { broker: number; inner: number; outer: number }[] {
  const base = BASE_PORT + index * PORTS_PER_CLUSTER
  return Array.from({ length: BROKERS }, (_, at) => {
    return { broker: at + 1, inner: base + INNER_PORT + at, outer: base + OUTER_PORT + at }
  })
}
