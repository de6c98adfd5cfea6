import { type Panel, type Section, sections } from './panels.ts'

/** Of Grafana 10 and later; older ones take it too. */
const SCHEMA_VERSION = 39
const COLUMNS = 24
const HEIGHT: Readonly<Record<Panel['kind'], number>> = { numbers: 4, lines: 8, table: 8 }
const TYPE: Readonly<Record<Panel['kind'], string>> = { numbers: 'stat', lines: 'timeseries', table: 'table' }
const datasource = { type: 'prometheus', uid: '$datasource' }

/** The dashboard of a fleet, as Grafana imports it. It asks for the data source when it is opened. */
export function grafanaDashboard(): object {
  return {
    uid: 'kmc-fleet',
    title: 'Kafka Multi Cluster',
    tags: ['kafka', 'kmc'],
    schemaVersion: SCHEMA_VERSION,
    editable: true,
    refresh: '10s',
    time: { from: 'now-1h', to: 'now' },
    templating: {
      list: [
        { name: 'datasource', label: 'Data source', type: 'datasource', query: 'prometheus' },
        variable('link', 'kmc_link_info'),
        variable('route', 'kmc_route_info'),
      ],
    },
    panels: placed(sections),
  }
}

function variable(name: string, metric: string): object {
  return {
    ...{ name, label: name, type: 'query', datasource, refresh: 2, sort: 1 },
    ...{ includeAll: true, multi: true, allValue: '.*', current: { text: 'All', value: '$__all' } },
    query: { query: `label_values(${metric}, ${name})`, refId: name },
  }
}

/** Rows of panels from top to bottom, each as wide as what stands beside it lets it. */
function placed(list: readonly Section[]): object[] {
  const panels: object[] = []
  let y = 0
  const put = (x: number, w: number, h: number, panel: object): void => {
    panels.push({ id: panels.length + 1, gridPos: { x, y, w, h }, ...panel })
  }
  for (const { title, panels: all } of list) {
    put(0, COLUMNS, 1, { type: 'row', title, collapsed: false, panels: [] })
    y++
    for (const row of rowsOf(all)) {
      const width = COLUMNS / row.length
      const height = Math.max(...row.map(({ kind }) => HEIGHT[kind]))
      for (const [index, panel] of row.entries()) put(index * width, width, height, panelOf(panel))
      y += height
    }
  }
  return panels
}

/** Numbers four in a row, anything else two. */
function rowsOf(panels: readonly Panel[]): Panel[][] {
  const rows: Panel[][] = []
  for (const panel of panels) {
    const row = rows.at(-1)
    const isNumber = panel.kind === 'numbers'
    const fits =
      row !== undefined && row.length < (isNumber ? 4 : 2) && (row[0]!.kind === 'numbers') === isNumber
    if (fits) row.push(panel)
    else rows.push([panel])
  }
  return rows
}

function panelOf({ title, about, kind, unit, queries, badFrom }: Panel): object {
  const steps = [
    { color: 'green', value: null },
    ...(badFrom === undefined ? [] : [{ color: 'red', value: badFrom }]),
  ]
  return {
    ...{ title, description: about, type: TYPE[kind], datasource },
    fieldConfig: { defaults: { unit, thresholds: { mode: 'absolute', steps } }, overrides: [] },
    options: kind === 'numbers' ? { reduceOptions: { calcs: ['lastNotNull'] }, colorMode: 'background' } : {},
    targets: queries.map(({ expr, legend }, index) => ({
      ...{ refId: String.fromCharCode(65 + index), datasource, expr, legendFormat: legend },
      ...(kind === 'table' ? { format: 'table', instant: true } : {}),
    })),
  }
}
