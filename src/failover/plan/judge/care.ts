import { nameMatcher } from '../../../link/names.ts'
import type { FailoverKind } from '../../run/course.ts'
import type { GroupFacts, PlanFacts, TransactionFacts } from '../facts.ts'
import type { ApplicationCare, ApplicationKind } from '../plan.ts'
import { listed } from '../words.ts'
import { recognise } from './applications.ts'
import { mirrorsOf } from './loss.ts'

/** What the judges of applications look at: names at the active cluster, or of its mirrors where it is gone. */
export type Traces = {
  readonly topics: readonly string[]
  readonly groups: readonly GroupFacts[]
  readonly transactions: readonly TransactionFacts[]
}

/** Applications that need more than records and positions, each with what to do and what of it does not travel. */
export function careOf(facts: PlanFacts, kind: FailoverKind): ApplicationCare[] {
  const found = recognise(tracesOf(facts))
  return found.map(({ application, name, evidence, topics, groups }) => {
    const { why, todo } = advice[application][kind]
    return { application, name, evidence, why, todo, missing: missingOf(facts, topics, groups) }
  })
}

function tracesOf(facts: PlanFacts): Traces {
  const side = facts.from.told ? facts.from.value : facts.to.told ? facts.to.value : null
  if (side === null) return { topics: [], groups: [], transactions: [] }
  return {
    topics: facts.from.told ? [...side.topics.keys()] : mirrorsOf(facts).map(({ topic }) => topic),
    groups: side.groups.told ? side.groups.value : [],
    transactions: side.transactions.told ? side.transactions.value : [],
  }
}

function missingOf(facts: PlanFacts, topics: readonly string[], groups: readonly string[]): string[] {
  const mirrored = new Set(mirrorsOf(facts).map(({ topic }) => topic))
  const takes = nameMatcher(facts.spec?.groups ?? [])
  const lost = topics.filter((topic) => !mirrored.has(topic))
  const left = groups.filter((group) => !takes(group))
  return [
    ...(lost.length === 0 ? [] : [`no mirror: ${listed(lost)}`]),
    ...(left.length === 0 ? [] : [`positions stay behind: ${listed(left)}`]),
  ]
}

type Advice = { readonly why: string; readonly todo: readonly string[] }

const lateSchemas: Advice = {
  why: 'Schemas that were registered last may be missing, and their ids may be given out again.',
  todo: ['Before producers go on, compare the newest ids that they use with those of the registry.'],
}

const shared: Advice = {
  why: 'Only where a share group begins travels, not which records it was done with behind that.',
  todo: ['Expect records that were acknowledged out of order to come once more.'],
}

/** What was measured for each (docs/guide/failing-over.md has the figures). */
const advice: Readonly<Record<ApplicationKind, Readonly<Record<FailoverKind, Advice>>>> = {
  flink: {
    switchover: {
      why: 'An exactly-once sink cannot be restored on another cluster: it wants to end transactions that only the old one knows.',
      todo: [
        'Stop the job with a savepoint before the switch.',
        'After it, restore with the sink set to at-least-once, take a savepoint, and restore that with exactly-once.',
      ],
    },
    failover: {
      why: 'Its checkpoint may be ahead of what arrived: then records of its output are missing, and no error says so.',
      todo: [
        'Restore with the sink set to at-least-once, from the newest checkpoint whose output is all there.',
        'Then take a savepoint, and restore that with exactly-once. Compare its output with its input.',
      ],
    },
  },
  'kafka-streams': {
    switchover: {
      why: 'Its state is in changelog topics and its place in group positions: both must be of the same moment.',
      todo: ['Nothing, where all its topics and its group travel: a drained switch was exact.'],
    },
    failover: {
      why: 'Changelogs that arrived further than positions are counted twice: results were too high by a third and more.',
      todo: [
        'Compare its results with its input, or reset it (kafka-streams-application-reset) and let it read again.',
      ],
    },
  },
  'kafka-connect': {
    switchover: {
      why: 'Workers keep connectors and offsets in topics of their own; a worker still stopping writes to them.',
      todo: ['See that its three topics have mirrors. Stop workers that do not come through the route.'],
    },
    failover: {
      why: 'Source connectors begin at the last offset that arrived: what was sent since is sent again.',
      todo: ['Expect repeated records of source connectors, unless they run with exactly-once support.'],
    },
  },
  debezium: {
    switchover: {
      why: 'The place in the database is in the offsets topic of Connect, and in the slot of the database.',
      todo: ['Nothing, where its topics travel: a clean switch lost and repeated nothing.'],
    },
    failover: {
      why: 'A slot that is ahead of the offset that arrived skips records of the database, and no error says so.',
      todo: [
        'Before it starts, compare `confirmed_flush_lsn` of the slot with the offset on the new cluster.',
        'Is the slot ahead: take a new snapshot, or compare the tables with the topics.',
      ],
    },
  },
  apicurio: {
    switchover: {
      why: 'It writes to its journal as soon as it starts, also when it is read-only.',
      todo: [
        'Start it on the new cluster only after the switch; ids and versions of schemas stay as they are.',
      ],
    },
    failover: lateSchemas,
  },
  'schema-registry': {
    switchover: {
      why: 'Its schemas are in a topic, which the leading registry writes to as soon as it starts.',
      todo: ['Start it on the new cluster only after the switch.'],
    },
    failover: lateSchemas,
  },
  spark: {
    switchover: {
      why: 'Its offsets are in a checkpoint folder and stay valid.',
      todo: ['Nothing; a batch that is cut repeats its output, as always.'],
    },
    failover: {
      why: 'Its checkpoint may name offsets that did not arrive.',
      todo: [
        'Where it reports lost data (failOnDataLoss), set its start offsets to the ends of the new cluster.',
      ],
    },
  },
  'share-group': { switchover: shared, failover: shared },
}
