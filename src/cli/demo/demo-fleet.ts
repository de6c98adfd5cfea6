import { mkdirSync } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isPortFree } from '../../engine/ports.ts'
import { MANAGED_PORTS_FROM } from '../../fleet/file/ports.ts'
import { endLeftovers } from '../../fleet/run/end-leftovers.ts'
import { runPaths } from '../../fleet/run/run-paths.ts'

/** The demo's own fleet, in a folder of its own. */
export type DemoPlace = { readonly directory: string; readonly file: string }

const demoClusters = [
  { name: 'seoul', region: 'kr' },
  { name: 'virginia', region: 'us' },
] as const
export const DEMO_LINK = 'dr'
export const DEMO_ROUTE = 'shop'

const PORT_STEP = 10
const PORTS_TO = 32_000

export function demoPlace(workingDirectory: string): DemoPlace {
  const directory = join(workingDirectory, '.kmc', 'demo')
  return { directory, file: join(directory, 'fleet.yaml') }
}

/**
 * Makes the demo's folder anew: what an earlier demo left running is ended, its records go, and whatever ports somebody
 * else has taken are passed over.
 */
export async function prepareDemo(place: DemoPlace): Promise<void> {
  await endLeftovers(runPaths(place.directory))
  await rm(place.directory, { recursive: true, force: true })
  mkdirSync(place.directory, { recursive: true })
  await writeFile(place.file, fleetText(await freeBlocks(demoClusters.length + 1)))
}

/** The first ports of so many blocks with two free ports each: a broker and a controller, or a route. */
async function freeBlocks(count: number): Promise<number[]> {
  const blocks: number[] = []
  for (let port = MANAGED_PORTS_FROM; port < PORTS_TO && blocks.length < count; port += PORT_STEP) {
    if (await areFree([port, port + 1])) blocks.push(port)
  }
  // Every block has a taken port: whoever wants it says so.
  while (blocks.length < count) blocks.push(MANAGED_PORTS_FROM + blocks.length * PORT_STEP)
  return blocks
}

async function areFree(ports: readonly number[]): Promise<boolean> {
  for (const port of ports) if (!(await isPortFree(port))) return false
  return true
}

function fleetText(ports: readonly number[]): string {
  const clusters = demoClusters.map(
    ({ name, region }, index) => `  ${name}: { region: ${region}, port: ${ports[index]} }`,
  )
  return `# Written by \`kmc demo\`: two clusters on this machine, an exact link between them, a route for clients.
fleet: demo
clusters:
${clusters.join('\n')}
links:
  # Both are new, so few producer ids are taken yet: virginia has soon passed those that seoul will hand out.
  ${DEMO_LINK}: { from: seoul, to: virginia, topics: ["*"], groups: ["*"], producerIdsFrom: 2000 }
routes:
  ${DEMO_ROUTE}: { port: ${ports.at(-1)}, primary: seoul, standby: virginia }
`
}
