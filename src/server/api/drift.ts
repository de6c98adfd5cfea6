import { z } from 'zod'
import { serverError } from '../errors.ts'
import { type Route, route } from '../http/route.ts'
import { ageOf, ageSchema } from './view/parts.ts'

const difference = z.object({
  severity: z.enum(['blocks', 'warning', 'note']),
  kind: z.enum([
    ...['topic', 'partitions', 'replicas', 'setting', 'right', 'user', 'quota', 'group', 'unknown'],
  ] as const),
  subject: z.string(),
  what: z.string(),
  remedy: z.string().nullable(),
})

const answer = z.object({ differences: z.array(difference).nullable(), age: ageSchema })

export type LinkDifference = z.infer<typeof difference>
export type LinkDriftAnswer = z.infer<typeof answer>

export const driftRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/links/{link}/drift',
    tag: 'links',
    summary: 'What applications would find different if they moved along a link now, by the last look',
    need: { role: 'viewer', on: 'link' },
    action: null,
    answer,
    handle({ house, params: { link } }) {
      if (!house.status().links.some(({ name }) => name === link)) {
        throw serverError('RESOURCE_NOT_FOUND', `there is no link ${link}`)
      }
      const seen = house.drift.view(link)
      if (seen === null) return { differences: null, age: { at: null, trouble: null } }
      return { differences: seen.value === null ? null : [...seen.value], age: ageOf(seen) }
    },
  }),
]
