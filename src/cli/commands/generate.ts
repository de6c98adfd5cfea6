import { openFleet } from '../../fleet/apply/open-fleet.ts'
import { alertFile, alertRules, RECOVERY_POINT_S } from '../../server/generate/alerts.ts'
import { grafanaDashboard } from '../../server/generate/grafana.ts'
import { prometheusFile } from '../../server/generate/prometheus.ts'
import type { CommandDefinition } from '../command.ts'
import { Exit } from '../exit.ts'
import { parseCount } from '../terminal/units.ts'

export const generateGrafana: CommandDefinition = {
  description:
    'Prints a dashboard for Grafana: clusters, lag of links and mirrors, throughput, faults, routes. Import it; it asks ' +
    'for the Prometheus data source when it is opened.',
  examples: [['kmc generate grafana > kmc.json', 'then Dashboards, New, Import in Grafana']],
  async run({ out }) {
    const dashboard = grafanaDashboard()
    await out.value(dashboard, () => out.line(JSON.stringify(dashboard, null, 2)))
    return Exit.ok
  },
}

export const generateAlerts: CommandDefinition<{ readonly rpo: number }> = {
  description:
    'Prints alert rules for Prometheus: the recovery point missed, lag not known, a link stalled, faults, groups behind, ' +
    'writers past a route, clusters that are silent. Each says what to do.',
  examples: [
    ['kmc generate alerts > kmc-alerts.yml', 'for rule_files in prometheus.yml'],
    ['kmc generate alerts --rpo 10', 'when ten seconds of data are what may be lost'],
  ],
  configure: (command) =>
    command.option(
      '--rpo <seconds>',
      'seconds of data that may be lost',
      (text) => parseCount(text, '--rpo', { min: 1 }),
      RECOVERY_POINT_S,
    ),
  async run({ out }, { rpo }) {
    const rules = alertRules(rpo)
    await out.value(rules, () => out.stdout.write(alertFile(rules)))
    return Exit.ok
  },
}

type PrometheusOptions = {
  readonly target: readonly string[]
  readonly tokenFile: string
  readonly rules?: string
}

const SERVER = '127.0.0.1:8686'

export const generatePrometheus: CommandDefinition<PrometheusOptions> = {
  description:
    'Prints the part of prometheus.yml by which a fleet is scraped: at the port that `metrics:` in the fleet file opens, or ' +
    'else at the server, with a token. Any kmc up or kmc serve of the fleet can be a target.',
  examples: [
    ['kmc generate prometheus > prometheus.yml', 'for the kmc of this machine'],
    [
      'kmc generate prometheus --target a:8686 --target b:8686 --rules kmc-alerts.yml',
      'two of them, and alerts',
    ],
  ],
  configure: (command) =>
    command
      .option(
        '--target <host:port>',
        'a kmc to ask; may be repeated',
        (target, before: readonly string[]) => [...before, target],
        [],
      )
      .option('--token-file <path>', 'a file with a token that the fleet file names', 'kmc-token')
      .option('--rules <path>', 'a rule file to load, as kmc generate alerts prints it'),
  async run({ out, fleetPath }, { target, tokenFile, rules }) {
    const { fleet } = await openFleet(fleetPath, { secrets: 'ignore' })
    const { metrics } = fleet
    const isOpen = metrics !== undefined && metrics.port !== 0
    const own = isOpen
      ? `${metrics.listen === '0.0.0.0' ? '127.0.0.1' : metrics.listen}:${metrics.port}`
      : SERVER
    const file = prometheusFile({
      targets: target.length > 0 ? target : [own],
      tokenFile: isOpen ? null : tokenFile,
      ...(rules === undefined ? {} : { rulesFile: rules }),
    })
    await out.value({ file }, () => out.stdout.write(file))
    return Exit.ok
  },
}
