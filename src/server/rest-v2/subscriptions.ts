import { z } from 'zod'
import { may } from '../door/caller.ts'
import { serverError } from '../errors.ts'
import type { Route } from '../http/route.ts'
import type { ConsumerInstances } from './consumer/instances.ts'
import { matchingNames } from './consumer/topic-pattern.ts'
import {
  done,
  INSTANCE,
  type InstanceCall,
  nothing,
  ofGroup,
  partitions,
  placeOf,
  topicName,
} from './consumer-row.ts'
import { neededBody, rows } from './row.ts'

const TOPICS_MAX = 1_000
const SUBSCRIPTION = `${INSTANCE}/subscription` as const
const ASSIGNMENTS = `${INSTANCE}/assignments` as const

const subscription = z.object({
  topics: z.array(topicName).max(TOPICS_MAX).nullish(),
  topic_pattern: z.string().min(1).max(500).nullish(),
})

/** Topics that are read as a member of the group. */
export function subscriptionRoutes(instances: ConsumerInstances): readonly Route[] {
  return [
    ...rows({
      ...ofGroup,
      method: 'POST',
      path: SUBSCRIPTION,
      summary: 'Reads topics, by names or a pattern, as a member of the group',
      answer: nothing,
      async handle(call) {
        const chosen = subscriptionOf(call, await neededBody(call, subscription))
        await instances.use(placeOf(call), (instance) => instance.subscribe(chosen))
        return done()
      },
    }),
    ...rows({
      ...ofGroup,
      method: 'GET',
      path: SUBSCRIPTION,
      summary: 'What was subscribed to',
      answer: z.object({ topics: z.array(z.string()) }),
      handle: (call) =>
        instances.use(placeOf(call), ({ subscription: chosen, partitions: held }) => {
          if (chosen !== null && 'topics' in chosen) return { topics: [...chosen.topics] }
          return { topics: chosen === null ? [] : [...new Set(held.map(({ topic }) => topic))] }
        }),
    }),
    ...rows({
      ...ofGroup,
      method: 'DELETE',
      path: SUBSCRIPTION,
      summary: 'Ends the subscription',
      answer: nothing,
      async handle(call) {
        await instances.use(placeOf(call), (instance) => instance.unsubscribe())
        return done()
      },
    }),
  ]
}

/** Partitions that were named. */
export function assignmentRoutes(instances: ConsumerInstances): readonly Route[] {
  return [
    ...rows({
      ...ofGroup,
      method: 'POST',
      path: ASSIGNMENTS,
      summary: 'Reads partitions, whoever else in the group does',
      answer: nothing,
      async handle(call) {
        const { partitions: chosen } = await neededBody(call, partitions)
        for (const { topic } of chosen) checkTopic(call, topic)
        await instances.use(placeOf(call), (instance) => instance.assign(chosen))
        return done()
      },
    }),
    ...rows({
      ...ofGroup,
      method: 'GET',
      path: ASSIGNMENTS,
      summary: 'The partitions that the instance has',
      answer: partitions,
      handle: (call) => instances.use(placeOf(call), ({ partitions: held }) => ({ partitions: held })),
    }),
  ]
}

type Caller = Pick<InstanceCall, 'caller' | 'params'>

function maySee({ caller, params }: Caller, name: string): boolean {
  return may(caller, 'viewer', { cluster: params.cluster, resource: { kind: 'topic', name } })
}

/** @throws NOT_ALLOWED */
function checkTopic(call: Caller, topic: string): void {
  if (maySee(call, topic)) return
  throw serverError('NOT_ALLOWED', `${call.caller.name} may not read topic ${topic}`)
}

/** A pattern takes the topics that the caller may see. @throws NOT_ALLOWED, REQUEST_INVALID */
function subscriptionOf(call: Caller, { topics, topic_pattern: pattern }: z.infer<typeof subscription>) {
  if (topics != null) {
    for (const topic of topics) checkTopic(call, topic)
    return { topics }
  }
  if (pattern == null)
    throw serverError('REQUEST_INVALID', 'the subscription names neither topics nor a pattern')
  const wanted = (names: readonly string[]) =>
    matchingNames(
      pattern,
      names.filter((name) => maySee(call, name)),
    ).toSorted()
  wanted([])
  return { pattern, wanted }
}
