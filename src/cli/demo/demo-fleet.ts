import { mkdirSync } from 'node:fs'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isMissing } from '../../engine/durable-file.ts'
import { recordFile } from '../../engine/kafka/cluster-record.ts'
import { readClusterRecord } from '../../engine/kafka/state-file.ts'
import { isPortFree } from '../../engine/ports.ts'
import { MANAGED_PORTS_FROM } from '../../fleet/file/ports.ts'
import { endLeftovers } from '../../fleet/run/end-leftovers.ts'
import { clusterDirectory, type RunPaths, runPaths } from '../../fleet/run/run-paths.ts'

/** The demo's own fleet, in a folder of its own. */
export type DemoPlace = { readonly directory: string; readonly file: string }

const demoClusters = [
  { name: 'seoul', region: 'kr' },
  { name: 'virginia', region: 'us' },
] as const
export const DEMO_LINK = 'dr'

const PORT_STEP = 10
const PORTS_TO = 32_000

export function demoPlace(workingDirectory: string): DemoPlace {
  const directory = join(workingDirectory, '.kmc', 'demo')
  return { directory, file: join(directory, 'fleet.yaml') }
}

/**
 * Makes the demo's folder ready: what an earlier demo left running is ended, the fleet file is written, and clusters
 * whose ports somebody else has taken get others. Records of earlier runs stay, unless `reset`.
 */
export async function prepareDemo(place: DemoPlace, options: { readonly reset: boolean }): Promise<void> {
  const paths = runPaths(place.directory)
  await endLeftovers(paths)
  if (options.reset) await rm(place.directory, { recursive: true, force: true })
  mkdirSync(place.directory, { recursive: true })
  const ports = await choosePorts(paths)
  const text = fleetText(ports)
  if ((await textOf(place.file)) !== text) await writeFile(place.file, text)
}

async function textOf(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    if (isMissing(error)) return null
    throw error
  }
}

/** The first port of each cluster: the one it had, as long as all its ports are free; else the next free block. */
async function choosePorts(paths: RunPaths): Promise<number[]> {
  const chosen: number[] = []
  for (const { name } of demoClusters) {
    const record = await readClusterRecord(recordFile(clusterDirectory(paths, name)))
    const had = (record?.nodes ?? []).flatMap(({ port, controllerPort }) => [port, controllerPort ?? port])
    const keeps = record !== undefined && (await areFree(had)) && !chosen.includes(record.basePort)
    chosen.push(keeps ? record.basePort : await freeBlock(chosen))
  }
  return chosen
}

async function freeBlock(taken: readonly number[]): Promise<number> {
  for (let port = MANAGED_PORTS_FROM; port < PORTS_TO; port += PORT_STEP) {
    if (!taken.includes(port) && (await areFree([port, port + 1]))) return port
  }
  // Every block has a taken port: the engine looks port by port, and says so when there is none at all.
  return MANAGED_PORTS_FROM
}

async function areFree(ports: readonly number[]): Promise<boolean> {
  for (const port of ports) if (!(await isPortFree(port))) return false
  return true
}

function fleetText(ports: readonly number[]): string {
  const clusters = demoClusters.map(
    ({ name, region }, index) => `  ${name}: { region: ${region}, port: ${ports[index]} }`,
  )
  return `# Written by \`kmc demo\`: two clusters on this machine and an exact link between them.
fleet: demo
clusters:
${clusters.join('\n')}
links:
  ${DEMO_LINK}: { from: seoul, to: virginia, topics: ["*"], groups: ["*"] }
`
}
