import { dirname } from 'node:path'
import { resolveClusters } from '../../fleet/run/resolve-clusters.ts'
import type { CommandContext, CommandDefinition } from '../command.ts'
import { clusterFindings } from '../doctor/clusters.ts'
import type { Finding } from '../doctor/finding.ts'
import { fleetFindings, portFindings } from '../doctor/fleet.ts'
import { machineFindings } from '../doctor/machine.ts'
import { Exit } from '../exit.ts'
import type { Output } from '../output.ts'
import { printable } from '../terminal/text-width.ts'
import { version } from '../version.ts'

/** `healthy`: nothing failed. */
type DoctorReport = {
  readonly version: string
  readonly platform: string
  readonly healthy: boolean
  readonly findings: readonly Finding[]
}

export const doctor: CommandDefinition = {
  description:
    'Checks this machine (Node, Java, Maven, cache, disk, memory), the fleet file, the ports of managed clusters, and of ' +
    'every cluster whether it answers, how fast, its clock, brokers and partitions. Each finding says what to do. ' +
    'Exit code 1 when something failed; warnings are no failure.',
  examples: [
    ['kmc doctor', 'everything'],
    ['kmc doctor -o json', 'to go with a report of a bug; it holds no secrets'],
  ],
  async run(context) {
    const findings = await examine(context)
    const healthy = findings.every(({ state }) => state !== 'failed')
    const platform = `${process.platform}-${process.arch}`
    const report: DoctorReport = { version, platform, healthy, findings }
    await context.out.value(report, () => {
      for (const finding of findings) print(finding, context.out)
    })
    return healthy ? Exit.ok : Exit.failed
  },
}

async function examine({ fleetPath, signal }: CommandContext): Promise<Finding[]> {
  const { loaded, findings: fleet } = await fleetFindings(fleetPath)
  const hasManaged = Object.values(loaded?.fleet.clusters ?? {}).some(({ kind }) => kind === 'managed')
  const [machine, ports, clusters] = await Promise.all([
    machineFindings(loaded?.directory ?? dirname(fleetPath), hasManaged),
    loaded === null ? [] : portFindings(loaded),
    loaded === null
      ? []
      : Promise.all(
          [...(await resolveClusters(loaded))].map(([name, access]) => clusterFindings(name, access, signal)),
        ),
  ])
  return [...machine, ...fleet, ...ports, ...clusters.flat()]
}

const marks = { ok: '✓', warning: '!', failed: '✗' } as const

function print({ check, state, detail, remedy }: Finding, out: Output): void {
  const { good, warn, bad, bold } = out.palette
  const paint = { ok: good, warning: warn, failed: bad }[state]
  const [first, ...more] = detail.split('\n').map(printable)
  out.line(`${paint(marks[state])} ${bold(check)}: ${first}`)
  for (const line of more) out.line(`    ${line}`)
  if (remedy !== null) out.line(`    → ${remedy}`)
}
