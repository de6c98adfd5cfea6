import { z } from 'zod'
import type { Alert } from '../../observe/alerts/book.ts'
import { type Subject, subjectNames } from '../../observe/alerts/fact.ts'
import type { AlertDesk } from '../alerts/desk.ts'
import { type Caller, may } from '../door/caller.ts'
import { serverError } from '../errors.ts'
import type { House } from '../house.ts'
import { Reply, type Route, route } from '../http/route.ts'

const names = z.record(z.string(), z.string())

const alertSchema = z.object({
  rule: z.string(),
  title: z.string(),
  remedy: z.string(),
  severity: z.enum(['warning', 'critical']),
  labels: names,
  /** What it is about: `cluster`, `cluster` and `group`, `link`, or `route`. */
  subject: names,
  state: z.enum(['pending', 'firing']),
  value: z.number(),
  since: z.number(),
  firedAt: z.number().nullable(),
  toldAt: z.number().nullable(),
  isSilenced: z.boolean(),
})

const eventSchema = z.object({
  what: z.enum(['firing', 'again', 'recovered', 'gone', 'test']),
  at: z.number(),
  alert: alertSchema,
})

const silenceSchema = z.object({
  id: z.string(),
  rule: z.string().optional(),
  subject: names,
  until: z.number(),
  by: z.string(),
  why: z.string(),
})

const receiverSchema = z.object({
  name: z.string(),
  waiting: z.number(),
  sent: z.number(),
  lost: z.number(),
  lastError: z.string().nullable(),
})

const overview = z.object({
  alerts: z.array(alertSchema),
  silences: z.array(silenceSchema),
  receivers: z.array(receiverSchema),
})

export type AlertRow = z.infer<typeof alertSchema>
export type AlertEventRow = z.infer<typeof eventSchema>
export type SilenceRow = z.infer<typeof silenceSchema>
export type AlertOverview = z.infer<typeof overview>

const MINUTES_MAX = 30 * 24 * 60
const pattern = z.string().min(1).max(255)
const wish = z.object({
  rule: z.string().min(1).max(48).optional().describe('every rule when left out'),
  subject: z
    .partialRecord(z.enum(subjectNames), pattern)
    .default({})
    .describe('names that it is about; `*` stands for any text'),
  minutes: z.number().positive().max(MINUTES_MAX).describe('how long nobody is told'),
  why: z.string().min(1).max(500),
})

export const alertRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/alerts',
    tag: 'alerts',
    summary: 'What is wrong, worst first, with silences and how receivers take what they are told',
    need: { role: 'viewer', on: 'somewhere' },
    action: null,
    answer: overview,
    handle({ house, caller }) {
      const desk = deskOf(house)
      const seesAll = may(caller, 'viewer', {})
      return {
        alerts: desk.alerts().filter((alert) => maySee(caller, alert)),
        silences: seesAll ? [...desk.silences()] : [],
        receivers: seesAll ? desk.receivers() : [],
      }
    },
  }),
  route({
    method: 'GET',
    path: '/api/alerts/events',
    tag: 'alerts',
    summary: 'What was told lately, newest first',
    need: { role: 'viewer', on: 'somewhere' },
    action: null,
    answer: z.object({ events: z.array(eventSchema) }),
    handle({ house, caller }) {
      const events = deskOf(house).events()
      return { events: events.filter(({ alert }) => maySee(caller, alert)) }
    },
  }),
  route({
    method: 'POST',
    path: '/api/alerts/silences',
    tag: 'alerts',
    summary: 'Lets nobody be told of some alerts for a while; they go on to be shown',
    need: { role: 'operator', on: 'fleet' },
    action: 'alert.silence',
    body: wish,
    answer: silenceSchema,
    async handle({ house, caller, body, note }) {
      const { rule, subject, minutes, why } = body
      const desk = deskOf(house)
      if (rule !== undefined && !desk.rules.some(({ name }) => name === rule)) {
        throw serverError('REQUEST_INVALID', `there is no rule "${rule}"`)
      }
      const until = Date.now() + minutes * 60_000
      const of = { ...(rule === undefined ? {} : { rule }), subject: subject as Subject }
      const silence = await desk.silence({ ...of, until, why, by: caller.name })
      note({ after: silence })
      return new Reply(201, silence)
    },
  }),
  route({
    method: 'DELETE',
    path: '/api/alerts/silences/{silence}',
    tag: 'alerts',
    summary: 'Ends a silence',
    need: { role: 'operator', on: 'fleet' },
    action: 'alert.unsilence',
    answer: z.null(),
    async handle({ house, params, note }) {
      note({ before: await deskOf(house).unsilence(params.silence) })
      return new Reply(204)
    },
  }),
  route({
    method: 'POST',
    path: '/api/alerts/receivers/{receiver}/test',
    tag: 'alerts',
    summary: 'Sends a receiver something to look at; the answer says whether it took it',
    need: { role: 'operator', on: 'fleet' },
    action: 'alert.test',
    answer: z.object({ receiver: z.string() }),
    async handle({ house, params: { receiver }, caller, signal }) {
      await deskOf(house).test(receiver, caller.name, signal)
      return { receiver }
    },
  }),
]

function deskOf({ alerts }: House): AlertDesk {
  if (alerts === null) throw serverError('ALERTS_ELSEWHERE', 'another process of this folder tells of alerts')
  return alerts
}

/** Who may see what an alert is about may see the alert. */
function maySee(caller: Caller, { subject: { cluster, group, link, route: name } }: Alert): boolean {
  if (link !== undefined) return may(caller, 'viewer', { resource: { kind: 'link', name: link } })
  if (name !== undefined) return may(caller, 'viewer', { resource: { kind: 'route', name } })
  if (group === undefined) return may(caller, 'viewer', { cluster })
  return may(caller, 'viewer', { cluster, resource: { kind: 'group', name: group } })
}
