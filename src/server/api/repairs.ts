import { z } from 'zod'
import { mirrorNamed } from '../../fleet/apply/link-at-hand.ts'
import type { LinkOverview } from '../../fleet/run/fleet-status.ts'
import { faultsOf, type MirrorFault, refuseMisfit } from '../../link/intents/fits.ts'
import { repairsFor, repairWords } from '../../link/intents/repairs.ts'
import type { MirrorRecord } from '../../link/state/records.ts'
import { confirmed, verbLimits } from '../confirm.ts'
import { type Route, route } from '../http/route.ts'
import { linkHere, linkNamed, mirrorWork } from '../operations/mirror-work.ts'
import { operationSchema } from '../operations/operation.ts'
import type { VerbParts } from './links.ts'
import { begun } from './operations.ts'

const PARTITIONS_MAX = 10_000

const repairQuestion = z.strictObject({
  choice: z.enum(['accept-gap', 'reseed', 'resume']),
  partitions: z.array(z.number().int().min(0)).min(1).max(PARTITIONS_MAX).optional(),
})
const repairBody = repairQuestion.extend(verbLimits)

export type RepairPreview = z.infer<typeof repairPreview>

const repairPreview = z.object({
  mirror: z.string(),
  choice: z.string(),
  does: z.string(),
  faults: z
    .array(z.custom<MirrorFault>())
    .nullable()
    .describe('those that it fits; null where no worker here tells'),
  accepted: z.number().describe('ranges that were accepted as lost before'),
  confirm: z.string(),
})

/** What brings back a mirror that a fault has stopped. */
export function repairRoutes(parts: VerbParts): readonly Route[] {
  return [repairPreviewRoute(parts), repairRoute(parts)]
}

function repairPreviewRoute({ fleet }: VerbParts): Route {
  return route({
    ...{ method: 'POST', path: '/api/links/{link}/mirrors/{mirror}/repair:preview', tag: 'mirrors' },
    ...{ action: null, need: { role: 'operator', on: 'link' } },
    summary: 'What a repair would do now. Changes nothing; refused where it fits no fault of the mirror',
    body: repairQuestion,
    answer: repairPreview,
    async handle({ house, params, body }) {
      const link = linkNamed(house.status(), params.link)
      return repairOf(link, mirrorNamed(await linkHere(fleet, link), params.mirror), body)
    },
  })
}

function repairRoute({ fleet, operations }: VerbParts): Route {
  const action = 'mirror.repair'
  return route({
    ...{ method: 'POST', path: '/api/links/{link}/mirrors/{mirror}/repair', tag: 'mirrors', action },
    summary: 'Brings a mirror back that a fault has stopped',
    need: { role: 'admin', on: 'link' },
    body: repairBody,
    answer: operationSchema,
    async handle({ house, params, body, caller, note }) {
      const overview = linkNamed(house.status(), params.link)
      const link = await linkHere(fleet, overview)
      const record = mirrorNamed(link, params.mirror)
      const preview = repairOf(overview, record, body)
      note({ before: preview })
      confirmed(body.confirm, preview.confirm, `this will ${preview.does}`)
      const { topic, mirrorTopicId } = record
      const { choice, partitions = null } = body
      const wishes = [{ topic, wish: { verb: 'repair', choice, partitions, mirrorTopicId } as const }]
      const timeoutMs = body.timeoutSeconds * 1_000
      const onEnd = (after: unknown) => note({ after })
      return begun(operations, mirrorWork(link, { action, caller, wishes, timeoutMs, onEnd }))
    },
  })
}

/** @throws MIRROR_VERB_REFUSED */
function repairOf(
  link: LinkOverview,
  record: MirrorRecord,
  { choice, partitions }: z.infer<typeof repairQuestion>,
): RepairPreview {
  const { topic, mirror, accepted } = record
  const all = faultsHere(link, topic, partitions ?? null)
  if (all !== null) refuseMisfit(record, choice, all)
  const faults = all?.filter(({ fault }) => repairsFor(fault.code).includes(choice)) ?? null
  return { mirror, choice, does: repairWords[choice], faults, accepted: accepted.length, confirm: mirror }
}

/** null where no worker here tells; the one that runs elsewhere decides then. */
function faultsHere(link: LinkOverview, topic: string, partitions: readonly number[] | null) {
  const mirror = link.mirrors.find((one) => one.topic === topic)
  return link.worker === null || mirror === undefined ? null : faultsOf(mirror, partitions)
}
