/** One chart or table of the dashboard. `$link` and `$route` stand for what the viewer chose. */
export type Panel = {
  readonly title: string
  /** Said behind the (i) of the panel: what it means, or what to do. */
  readonly about: string
  /** `numbers`: the value now, large; `lines`: over time; `table`: rows of what is so now. */
  readonly kind: 'numbers' | 'lines' | 'table'
  /** Grafana's name of the unit. */
  readonly unit: 'short' | 's' | 'bytes' | 'Bps' | 'cps' | 'percentunit'
  readonly queries: readonly { readonly expr: string; readonly legend: string }[]
  /** From this value on it is shown as bad. */
  readonly badFrom?: number
}

export type Section = { readonly title: string; readonly panels: readonly Panel[] }

const ofLink = '{link=~"$link"}'
const ofRoute = '{route=~"$route"}'

/** The dashboard `kmc`, from top to bottom: is all well, how late is what, what moves, what stands still. */
export const sections: readonly Section[] = [
  {
    title: 'Fleet',
    panels: [
      {
        ...{ title: 'Clusters that answer', kind: 'numbers', unit: 'short' },
        about: 'Clusters of the fleet that answer requests.',
        queries: [{ expr: 'sum(kmc_cluster_ready)', legend: 'ready' }],
      },
      {
        ...{ title: 'Clusters that do not', kind: 'numbers', unit: 'short', badFrom: 1 },
        about: 'kmc doctor says why a cluster does not answer.',
        queries: [{ expr: 'count(kmc_cluster_ready) - sum(kmc_cluster_ready)', legend: 'silent' }],
      },
      {
        ...{ title: 'Faults that stand', kind: 'numbers', unit: 'short', badFrom: 1 },
        about: 'Each has evidence and a remedy: kmc link describe LINK, kmc mirror describe LINK TOPIC.',
        queries: [{ expr: `sum(kmc_link_standing_faults${ofLink}) or vector(0)`, legend: 'faults' }],
      },
      {
        ...{ title: 'Worst lag', kind: 'numbers', unit: 's', badFrom: 60 },
        about: 'What would be lost in seconds if every source died now: of the link that is furthest behind.',
        queries: [{ expr: `max(kmc_link_lag_seconds${ofLink})`, legend: 'lag' }],
      },
    ],
  },
  {
    title: 'Links',
    panels: [
      {
        ...{ title: 'Lag in seconds', kind: 'lines', unit: 's' },
        about:
          'How long the source has held the oldest record that the destination lacks. No line: not known.',
        queries: [{ expr: `max by (link) (kmc_link_lag_seconds${ofLink})`, legend: '{{link}}' }],
      },
      {
        ...{ title: 'Lag in records', kind: 'lines', unit: 'short' },
        about: 'Offsets that the source has and the destination lacks.',
        queries: [{ expr: `sum by (link) (kmc_link_lag_records${ofLink})`, legend: '{{link}}' }],
      },
      {
        ...{ title: 'Records confirmed', kind: 'lines', unit: 'cps' },
        about: 'Records a second that the destination has confirmed.',
        queries: [
          { expr: `sum by (link) (rate(kmc_link_written_records_total${ofLink}[1m]))`, legend: '{{link}}' },
        ],
      },
      {
        ...{ title: 'Bytes fetched and confirmed', kind: 'lines', unit: 'Bps' },
        about: 'What crosses the distance, and what the destination has confirmed of it.',
        queries: [
          {
            expr: `sum by (link) (rate(kmc_link_fetched_bytes_total${ofLink}[1m]))`,
            legend: '{{link}} fetched',
          },
          {
            expr: `sum by (link) (rate(kmc_link_written_bytes_total${ofLink}[1m]))`,
            legend: '{{link}} confirmed',
          },
        ],
      },
      {
        ...{ title: 'Time held back by a limit', kind: 'lines', unit: 'percentunit' },
        about:
          'Share of the time in which fetching waited for its budget; 1 and a growing lag: the limit is too tight.',
        queries: [
          { expr: `sum by (link) (rate(kmc_link_limited_seconds_total${ofLink}[5m]))`, legend: '{{link}}' },
        ],
      },
      {
        ...{ title: 'Groups by state of their positions', kind: 'lines', unit: 'short' },
        about: 'waiting: the data that positions rest on have not arrived. kmc group explain GROUP says why.',
        queries: [{ expr: `sum by (state) (kmc_link_groups${ofLink})`, legend: '{{state}}' }],
      },
    ],
  },
  {
    title: 'Mirrors',
    panels: [
      {
        ...{ title: 'Ten mirrors that are furthest behind', kind: 'lines', unit: 's' },
        about: 'By the lag in seconds of their worst partition.',
        queries: [{ expr: `topk(10, kmc_link_mirror_lag_seconds${ofLink})`, legend: '{{link}} {{topic}}' }],
      },
      {
        ...{ title: 'Mirrors by state', kind: 'lines', unit: 'short' },
        about: 'States of mirrors; faulted ones stand still and say why.',
        queries: [{ expr: `sum by (state) (kmc_link_mirrors${ofLink})`, legend: '{{state}}' }],
      },
      {
        ...{ title: 'Faults that came up, a day', kind: 'table', unit: 'short' },
        about: 'By code (docs/reference/errors.md), those that are over too.',
        queries: [
          {
            expr: `sum by (link, code) (increase(kmc_link_faults_total${ofLink}[1d]))`,
            legend: '{{link}} {{code}}',
          },
        ],
      },
    ],
  },
  {
    title: 'Routes',
    panels: [
      {
        ...{ title: 'Where routes lead', kind: 'table', unit: 'short' },
        about: 'The cluster from which the gateway serves.',
        queries: [{ expr: `kmc_route_leads_to${ofRoute} == 1`, legend: '{{route}} {{cluster}}' }],
      },
      {
        ...{ title: 'Client connections', kind: 'lines', unit: 'short' },
        about: 'Open connections, and those whose requests wait in the gateway.',
        queries: [
          { expr: `sum by (route) (kmc_route_connections${ofRoute})`, legend: '{{route}}' },
          { expr: `sum by (route) (kmc_route_parked_connections${ofRoute})`, legend: '{{route}} waiting' },
        ],
      },
      {
        ...{ title: 'Writers past the route', kind: 'numbers', unit: 'short', badFrom: 1 },
        about:
          'Producers that wrote to the cluster which the route does not lead to: kmc route describe ROUTE names them.',
        queries: [{ expr: `sum(kmc_route_direct_writers${ofRoute})`, legend: 'writers' }],
      },
    ],
  },
]
