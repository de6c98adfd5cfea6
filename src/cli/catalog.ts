import type { CommandDefinition } from './command.ts'

/** A command as `kmc --help` shows it. Its file is loaded only when it is called, so that kmc starts fast. */
export type CatalogEntry = {
  /** The words that call it: `topic list`. */
  readonly path: string
  readonly summary: string
  readonly section: Section
  readonly load: () => Promise<CommandDefinition>
}

export const sections = ['Start', 'Fleet', 'Look', 'Data', 'Help'] as const
export type Section = (typeof sections)[number]

/** Words that only lead to further words. */
export const groups: Readonly<Record<string, { readonly summary: string; readonly section: Section }>> = {
  cluster: { summary: 'The clusters of the fleet', section: 'Look' },
  link: { summary: 'Links: list, describe, check, pause, resume, reverse, delete', section: 'Look' },
  route: { summary: 'Routes: list, describe', section: 'Look' },
  mirror: {
    summary: 'Mirrors: list, describe, repair, pause, resume, promote, failover, reverse',
    section: 'Look',
  },
  topic: { summary: 'Topics: list, describe, create, delete', section: 'Data' },
  group: { summary: 'Consumer groups: list, describe, explain', section: 'Data' },
  alerts: { summary: 'What is wrong and who is told: list, silence, unsilence, test', section: 'Look' },
  generate: { summary: 'Files for others: grafana, alerts, prometheus', section: 'Look' },
  bench: { summary: 'Speed, side by side: link, growth, gateway, server, wire', section: 'Help' },
}

/** Every command, in the order of --help. */
export const catalog: readonly CatalogEntry[] = [
  {
    path: 'cluster list',
    summary: 'Clusters with state and addresses',
    section: 'Look',
    load: async () => (await import('./commands/cluster-list.ts')).clusterList,
  },
  {
    path: 'cluster describe',
    summary: 'One cluster: brokers, controllers, sizes',
    section: 'Look',
    load: async () => (await import('./commands/cluster-describe.ts')).clusterDescribe,
  },
  {
    path: 'cluster start',
    summary: 'Start a managed cluster',
    section: 'Look',
    load: async () => (await import('./commands/cluster-start.ts')).clusterStart,
  },
  {
    path: 'cluster stop',
    summary: 'Stop a managed cluster; its data stay',
    section: 'Look',
    load: async () => (await import('./commands/cluster-start.ts')).clusterStop,
  },
  {
    path: 'cluster restart',
    summary: 'Stop a managed cluster and start it again',
    section: 'Look',
    load: async () => (await import('./commands/cluster-start.ts')).clusterRestart,
  },
  {
    path: 'alerts list',
    summary: 'What is wrong now, worst first',
    section: 'Look',
    load: async () => (await import('./commands/alerts.ts')).alertsList,
  },
  {
    path: 'alerts silence',
    summary: 'Let nobody be told for a while',
    section: 'Look',
    load: async () => (await import('./commands/alerts.ts')).alertsSilence,
  },
  {
    path: 'alerts unsilence',
    summary: 'End a silence',
    section: 'Look',
    load: async () => (await import('./commands/alerts.ts')).alertsUnsilence,
  },
  {
    path: 'alerts test',
    summary: 'Try a receiver of alerts',
    section: 'Look',
    load: async () => (await import('./commands/alerts.ts')).alertsTest,
  },
  {
    path: 'generate grafana',
    summary: 'A dashboard for Grafana',
    section: 'Look',
    load: async () => (await import('./commands/generate.ts')).generateGrafana,
  },
  {
    path: 'generate alerts',
    summary: 'Alert rules for Prometheus',
    section: 'Look',
    load: async () => (await import('./commands/generate.ts')).generateAlerts,
  },
  {
    path: 'generate prometheus',
    summary: 'How Prometheus scrapes the fleet',
    section: 'Look',
    load: async () => (await import('./commands/generate.ts')).generatePrometheus,
  },
  {
    path: 'topic list',
    summary: 'Topics of all clusters, or of one',
    section: 'Data',
    load: async () => (await import('./commands/topic-list.ts')).topicList,
  },
  {
    path: 'topic describe',
    summary: 'Partitions, offsets and settings of a topic',
    section: 'Data',
    load: async () => (await import('./commands/topic-describe.ts')).topicDescribe,
  },
  {
    path: 'topic create',
    summary: 'Create topics',
    section: 'Data',
    load: async () => (await import('./commands/topic-create.ts')).topicCreate,
  },
  {
    path: 'topic delete',
    summary: 'Delete topics with everything in them',
    section: 'Data',
    load: async () => (await import('./commands/topic-delete.ts')).topicDelete,
  },
  {
    path: 'group list',
    summary: 'Consumer groups with members and lag',
    section: 'Data',
    load: async () => (await import('./commands/group-list.ts')).groupList,
  },
  {
    path: 'group describe',
    summary: 'Members and positions of a group',
    section: 'Data',
    load: async () => (await import('./commands/group-describe.ts')).groupDescribe,
  },
  {
    path: 'group explain',
    summary: 'Why positions are in step, or not',
    section: 'Data',
    load: async () => (await import('./commands/group-explain.ts')).groupExplain,
  },
  {
    path: 'produce',
    summary: 'Write records to a topic',
    section: 'Data',
    load: async () => (await import('./commands/produce.ts')).produce,
  },
  {
    path: 'consume',
    summary: 'Print the records of a topic',
    section: 'Data',
    load: async () => (await import('./commands/consume.ts')).consume,
  },
  {
    path: 'demo',
    summary: 'See two linked clusters at work',
    section: 'Start',
    load: async () => (await import('./commands/demo.ts')).demo,
  },
  {
    path: 'init',
    summary: 'Write a first fleet file',
    section: 'Start',
    load: async () => (await import('./commands/init.ts')).init,
  },
  {
    path: 'plan',
    summary: 'Show what apply would do',
    section: 'Fleet',
    load: async () => (await import('./commands/plan.ts')).plan,
  },
  {
    path: 'apply',
    summary: 'Make what runs equal to the fleet file',
    section: 'Fleet',
    load: async () => (await import('./commands/apply.ts')).apply,
  },
  {
    path: 'up',
    summary: 'Start what the fleet file declares and keep it running',
    section: 'Fleet',
    load: async () => (await import('./commands/up.ts')).up,
  },
  {
    path: 'serve',
    summary: 'Run links and routes alone; any number share the work',
    section: 'Fleet',
    load: async () => (await import('./commands/serve.ts')).serve,
  },
  {
    path: 'gateway',
    summary: 'Serve routes alone; any number of them serve one route',
    section: 'Fleet',
    load: async () => (await import('./commands/gateway.ts')).gateway,
  },
  {
    path: 'route list',
    summary: 'Routes: where clients find them, which cluster they lead to',
    section: 'Look',
    load: async () => (await import('./commands/route-list.ts')).routeList,
  },
  {
    path: 'route describe',
    summary: 'One route with its gateways and clients',
    section: 'Look',
    load: async () => (await import('./commands/route-describe.ts')).routeDescribe,
  },
  {
    path: 'down',
    summary: 'Stop what runs here; data stay',
    section: 'Fleet',
    load: async () => (await import('./commands/down.ts')).down,
  },
  {
    path: 'status',
    summary: 'Clusters, links, mirrors, lag and faults',
    section: 'Fleet',
    load: async () => (await import('./commands/status.ts')).status,
  },
  {
    path: 'console',
    summary: 'A link that signs in to the console',
    section: 'Fleet',
    load: async () => (await import('./commands/console.ts')).consoleCommand,
  },
  {
    path: 'link list',
    summary: 'Links with state, lag and rate',
    section: 'Look',
    load: async () => (await import('./commands/link-list.ts')).linkList,
  },
  {
    path: 'link describe',
    summary: 'One link with everything known of it',
    section: 'Look',
    load: async () => (await import('./commands/link-describe.ts')).linkDescribe,
  },
  {
    path: 'link check',
    summary: 'What a link needs to be exact, and what is missing',
    section: 'Look',
    load: async () => (await import('./commands/link-check.ts')).linkCheck,
  },
  {
    path: 'link pause',
    summary: 'Let a link rest',
    section: 'Look',
    load: async () => (await import('./commands/link-pause.ts')).linkPause,
  },
  {
    path: 'link resume',
    summary: 'Let a paused link go on',
    section: 'Look',
    load: async () => (await import('./commands/link-pause.ts')).linkResume,
  },
  {
    path: 'link reverse',
    summary: 'Let a link run the other way round',
    section: 'Look',
    load: async () => (await import('./commands/link-reverse.ts')).linkReverse,
  },
  {
    path: 'link delete',
    summary: 'End a link; its mirrors stay',
    section: 'Look',
    load: async () => (await import('./commands/link-delete.ts')).linkDelete,
  },
  {
    path: 'mirror list',
    summary: 'Mirrors with state and lag',
    section: 'Look',
    load: async () => (await import('./commands/mirror.ts')).mirrorList,
  },
  {
    path: 'mirror describe',
    summary: 'One mirror with every partition',
    section: 'Look',
    load: async () => (await import('./commands/mirror.ts')).mirrorDescribe,
  },
  {
    path: 'mirror repair',
    summary: 'Bring a mirror back that a fault has stopped',
    section: 'Look',
    load: async () => (await import('./commands/mirror-repair.ts')).mirrorRepair,
  },
  {
    path: 'mirror pause',
    summary: 'Let mirrors rest',
    section: 'Look',
    load: async () => (await import('./commands/mirror-verbs.ts')).mirrorPause,
  },
  {
    path: 'mirror resume',
    summary: 'Let paused mirrors go on',
    section: 'Look',
    load: async () => (await import('./commands/mirror-verbs.ts')).mirrorResume,
  },
  {
    path: 'mirror promote',
    summary: 'Make mirrors topics of their own, with nothing missing',
    section: 'Look',
    load: async () => (await import('./commands/mirror-verbs.ts')).mirrorPromote,
  },
  {
    path: 'mirror failover',
    summary: 'Make mirrors topics of their own, now',
    section: 'Look',
    load: async () => (await import('./commands/mirror-verbs.ts')).mirrorFailover,
  },
  {
    path: 'mirror reverse',
    summary: 'Let mirrors go on as the source, and the source as their mirror',
    section: 'Look',
    load: async () => (await import('./commands/mirror-reverse.ts')).mirrorReverse,
  },
  {
    path: 'failover',
    summary: 'Move a route to its other cluster, or see what that would mean',
    section: 'Fleet',
    load: async () => (await import('./commands/failover.ts')).failover,
  },
  {
    path: 'receipts',
    summary: 'What was decided about records, by whom, and what it cost',
    section: 'Look',
    load: async () => (await import('./commands/receipts.ts')).receipts,
  },
  {
    path: 'verify',
    summary: 'Compare both sides of a link record by record',
    section: 'Look',
    load: async () => (await import('./commands/verify.ts')).verify,
  },
  {
    path: 'doctor',
    summary: 'Check this machine, the fleet file and every cluster',
    section: 'Help',
    load: async () => (await import('./commands/doctor.ts')).doctor,
  },
  {
    path: 'test',
    summary: 'Run the tests of kmc itself',
    section: 'Help',
    load: async () => (await import('./commands/test.ts')).test,
  },
  {
    path: 'sim',
    summary: 'The exact link on simulated clusters with faults',
    section: 'Help',
    load: async () => (await import('./commands/sim.ts')).sim,
  },
  {
    path: 'bench link',
    summary: 'The exact link against MirrorMaker 2 and the brokers',
    section: 'Help',
    load: async () => (await import('./commands/bench.ts')).benchLink,
  },
  {
    path: 'bench gateway',
    summary: 'What the gateway costs: throughput, latency, CPU, memory, against straight to a broker',
    section: 'Help',
    load: async () => (await import('./commands/bench.ts')).benchGateway,
  },
  {
    path: 'bench server',
    summary: 'The API over 10,000 topics and 1,000 groups with 200 callers at once',
    section: 'Help',
    load: async () => (await import('./commands/bench.ts')).benchServer,
  },
  {
    path: 'bench growth',
    summary: 'What more partitions, links, larger records and gaps cost',
    section: 'Help',
    load: async () => (await import('./commands/bench.ts')).benchGrowth,
  },
  {
    path: 'bench wire',
    summary: 'Hot paths of the protocol codec',
    section: 'Help',
    load: async () => (await import('./commands/bench.ts')).benchWire,
  },
]
