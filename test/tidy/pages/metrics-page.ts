import { metrics } from '../../../src/server/metrics/table.ts'

const INTRODUCTION = `# Metrics

While a fleet runs (\`kmc up\`, \`kmc serve\`), \`GET /metrics\` at 127.0.0.1:8686 gives these in Prometheus' text
format to those who sign in; \`/healthz\` answers as long as the supervisor does, \`/readyz\` once every link's worker
has told how it is. The key \`metrics\` of the [fleet file](fleet-file.md) and \`--metrics-port\` open them at a port of
their own.
[Watching a fleet](../guide/metrics.md) has alerts and queries. A value that is not known has no series: a lag that is
not known is never 0. Counters begin at 0 with each worker. This page is made from \`src/server/metrics/table.ts\`.
`

/** docs/reference/metrics.md. */
export function metricsPage(): string {
  const rows = metrics.map(({ name, type, help, labels }) => {
    const cells = [`\`${name}\``, type, labels.map((label) => `\`${label}\``).join(', ') || '–', help]
    return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  })
  return [
    INTRODUCTION,
    ['| Name | Type | Labels | Meaning |', '| --- | --- | --- | --- |', ...rows].join('\n'),
    '',
  ].join('\n')
}
