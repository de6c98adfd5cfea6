import { z } from 'zod'
import { type LinkAtHand, mirrorNamed, mirrorsLeft } from '../../fleet/apply/link-at-hand.ts'
import type { LinkOverview } from '../../fleet/run/fleet-status.ts'
import { linkError } from '../../link/errors.ts'
import { faultsOf } from '../../link/intents/fits.ts'
import { previewOf, type VerbPreview, verbWarnings } from '../../link/intents/preview.ts'
import { repairsFor, repairWords } from '../../link/intents/repairs.ts'
import type { Verb } from '../../link/mirrors/life.ts'
import type { ReceiptRecord, RepairChoice } from '../../link/state/intents.ts'
import type { MirrorRecord } from '../../link/state/records.ts'
import type { MirrorStatus } from '../../link/status.ts'
import { confirmed, verbLimits } from '../confirm.ts'
import { type Route, route } from '../http/route.ts'
import { linkHere, linkNamed, mirrorWork } from '../operations/mirror-work.ts'
import { operationSchema } from '../operations/operation.ts'
import type { VerbParts } from './links.ts'
import { begun } from './operations.ts'

const TOPICS_MAX = 1_000

const topics = z
  .array(z.string().min(1).max(249))
  .min(1)
  .max(TOPICS_MAX)
  .optional()
  .describe('their names on either side; left out: all that are mirrors still')

const verbBody = z.strictObject({ ...verbLimits, topics })
const verbQuestion = z.strictObject({ verb: z.enum(['pause', 'resume', 'promote', 'failover']), topics })

/** What a verb would do. */
const verbPreview = z.object({
  mirrors: z.array(z.custom<VerbPreview>()),
  warning: z.string().nullable().describe('what cannot be taken back of it'),
  confirm: z.string().nullable().describe('what has to be sent as `confirm`'),
})

export type VerbPreviews = z.infer<typeof verbPreview>

/** Mirrors of a link, and what can be asked of them. Whoever copies them answers, wherever that is. */
export function mirrorRoutes(parts: VerbParts): readonly Route[] {
  return [
    detailRoute(parts),
    previewRoute(parts),
    verbRoute(parts, 'pause', 'operator', 'Stops copying mirrors; the rest of the link goes on'),
    verbRoute(parts, 'resume', 'operator', 'Lets paused mirrors go on, or calls a promotion back'),
    verbRoute(parts, 'promote', 'admin', 'Makes mirrors topics of their own, when both sides are equal'),
    verbRoute(parts, 'failover', 'admin', 'Makes mirrors topics of their own at once, at what has arrived'),
  ]
}

/** A mirror with what helps it and what was decided about it. */
export type MirrorDetail = MirrorStatus & {
  readonly link: string
  readonly repairs: readonly { readonly choice: RepairChoice; readonly does: string }[]
  readonly receipts: readonly ReceiptRecord[]
}

function detailRoute({ fleet }: VerbParts): Route {
  return route({
    ...{ method: 'GET', path: '/api/links/{link}/mirrors/{mirror}', tag: 'mirrors', action: null },
    summary: 'A mirror with its partitions, the repairs that fit its faults, and its receipts',
    need: { role: 'viewer', on: 'link' },
    answer: z.custom<MirrorDetail>(),
    async handle({ house, params }) {
      const link = linkNamed(house.status(), params.link)
      const mirror = mirrorOf(link, params.mirror)
      const { memory } = await linkHere(fleet, link)
      const codes = new Set(faultsOf(mirror, null).map(({ fault }) => fault.code))
      const choices = new Set([...codes].flatMap(repairsFor))
      const repairs = [...choices].map((choice) => ({ choice, does: repairWords[choice] }))
      return { ...mirror, link: link.name, repairs, receipts: memory.receipts(mirror.topic) }
    },
  })
}

function previewRoute({ fleet }: VerbParts): Route {
  return route({
    ...{ method: 'POST', path: '/api/links/{link}/mirrors:preview', tag: 'mirrors', action: null },
    summary: 'What a verb would do to mirrors now. Changes nothing',
    need: { role: 'operator', on: 'link' },
    body: verbQuestion,
    answer: verbPreview,
    async handle({ house, params, body }) {
      const overview = linkNamed(house.status(), params.link)
      return previewOfAll(body.verb, meantOf(await linkHere(fleet, overview), body.topics), overview)
    },
  })
}

function verbRoute(
  { fleet, operations }: VerbParts,
  verb: Verb,
  role: 'operator' | 'admin',
  summary: string,
) {
  const action = `mirror.${verb}`
  return route({
    ...{
      method: 'POST',
      path: `/api/links/{link}/mirrors:${verb}` as const,
      tag: 'mirrors',
      action,
      summary,
    },
    need: { role, on: 'link' },
    body: verbBody,
    answer: operationSchema,
    async handle({ house, params, body, caller, note }) {
      const overview = linkNamed(house.status(), params.link)
      const link = await linkHere(fleet, overview)
      const meant = meantOf(link, body.topics)
      const { mirrors, confirm, warning } = previewOfAll(verb, meant, overview)
      note({ before: mirrors })
      if (confirm !== null) confirmed(body.confirm, confirm, `${verb} cannot be taken back. ${warning}`)
      const wishes = meant.map(({ topic }) => ({ topic, wish: { verb } }))
      const timeoutMs = body.timeoutSeconds * 1_000
      const onEnd = (after: unknown) => note({ after })
      return begun(operations, mirrorWork(link, { action, caller, wishes, timeoutMs, onEnd }))
    },
  })
}

function meantOf(link: LinkAtHand, topics: readonly string[] | undefined): MirrorRecord[] {
  return topics === undefined ? mirrorsLeft(link) : topics.map((name) => mirrorNamed(link, name))
}

/** One mirror is confirmed by its name, several by that of their link. */
function previewOfAll(verb: Verb, meant: readonly MirrorRecord[], link: LinkOverview): VerbPreviews {
  const states = new Map(link.mirrors.map((mirror) => [mirror.topic, mirror]))
  const mirrors = meant.map((record) => previewOf(verb, record, states.get(record.topic) ?? null))
  const warning = verbWarnings[verb]
  const word = meant.length === 1 ? meant[0]!.mirror : link.name
  return { mirrors, warning, confirm: warning === null ? null : word }
}

function mirrorOf({ name, mirrors }: LinkOverview, wanted: string): MirrorStatus {
  const found =
    mirrors.find(({ mirror }) => mirror === wanted) ?? mirrors.find(({ topic }) => topic === wanted)
  if (found !== undefined) return found
  throw linkError('MIRROR_UNKNOWN', `link ${name} keeps no mirror "${wanted}"`)
}
