import { z } from 'zod'
import { accessTo } from '../../fleet/apply/bring-up.ts'
import { knownLink } from '../../fleet/apply/known-link.ts'
import { wishFor } from '../../fleet/apply/link-state.ts'
import { linkSpec } from '../../fleet/file/access.ts'
import type { LoadedFleet } from '../../fleet/file/fleet.ts'
import type { LinkOverview } from '../../fleet/run/fleet-status.ts'
import { reverseLink } from '../../link/turn/reverse.ts'
import { confirmed, verbLimits } from '../confirm.ts'
import { may } from '../door/caller.ts'
import { type Route, route } from '../http/route.ts'
import { linkNamed, mirrorSteps, personOf } from '../operations/mirror-work.ts'
import { operationSchema } from '../operations/operation.ts'
import type { Operations } from '../operations/operations.ts'
import { begun } from './operations.ts'

/** What routes on links and routes of the fleet work with. */
export type VerbParts = { readonly fleet: LoadedFleet; readonly operations: Operations }

const wished = z.object({
  link: z.string(),
  desired: z.enum(['active', 'paused']),
  changed: z.boolean().describe('whether it was otherwise before; its workers follow within seconds'),
})

/** Links as they run, and what can be asked of them. */
export function linkRoutes(parts: VerbParts): readonly Route[] {
  return [
    route({
      ...{ method: 'GET', path: '/api/links', tag: 'links', action: null },
      summary: 'The links that the caller may see, with state, lag, mirrors and groups',
      need: { role: 'viewer', on: 'somewhere' },
      answer: z.object({ links: z.array(z.custom<LinkOverview>()) }),
      handle({ house, caller }) {
        const { links } = house.status()
        return {
          links: links.filter(({ name }) => may(caller, 'viewer', { resource: { kind: 'link', name } })),
        }
      },
    }),
    route({
      ...{ method: 'GET', path: '/api/links/{link}', tag: 'links', action: null },
      summary: 'A link with everything known of it',
      need: { role: 'viewer', on: 'link' },
      answer: z.custom<LinkOverview>(),
      handle: ({ house, params }) => linkNamed(house.status(), params.link),
    }),
    wishRoute(parts, 'pause', 'Stops copying; mirrors and positions stay as they are'),
    wishRoute(parts, 'resume', 'Goes on at the exact offset at which it stopped'),
    reverseRoute(parts),
  ]
}

function wishRoute({ fleet }: VerbParts, verb: 'pause' | 'resume', summary: string): Route {
  const desired = verb === 'pause' ? 'paused' : 'active'
  const path = `/api/links/{link}/${verb}` as const
  return route({
    ...{ method: 'POST', path, tag: 'links', action: `link.${verb}`, summary },
    need: { role: 'operator', on: 'link' },
    answer: wished,
    async handle({ house, params, note }) {
      const { name, to, state } = linkNamed(house.status(), params.link)
      const changed = await wishFor(await accessTo(fleet, to), name, desired)
      note({ before: { state }, after: { desired, changed } })
      return { link: name, desired, changed }
    },
  })
}

const reverseBody = z.strictObject(verbLimits)

function reverseRoute({ fleet, operations }: VerbParts): Route {
  return route({
    ...{ method: 'POST', path: '/api/links/{link}/reverse', tag: 'links', action: 'link.reverse' },
    summary: 'Promotes what are mirrors still, and lets the link run the other way from then on',
    need: { role: 'admin', on: 'link' },
    body: reverseBody,
    answer: operationSchema,
    handle({ house, params, body, caller, note }) {
      const { name, from, to } = linkNamed(house.status(), params.link)
      const what = `${name} would run from ${to} to ${from}, and what is written at ${from} be stranded there`
      confirmed(body.confirm, name, what)
      note({ before: { from, to } })
      return begun(operations, {
        ...{ action: 'link.reverse', about: { kind: 'link', name }, by: caller.name },
        async run(tell, signal) {
          const { loaded, link } = await knownLink(fleet.file, name)
          const [source, destination] = [await accessTo(loaded, link.from), await accessTo(loaded, link.to)]
          const reversed = await reverseLink(linkSpec(link, source, destination), {
            ...{ timeoutMs: body.timeoutSeconds * 1_000, signal, by: personOf(caller) },
            onProgress: (asked) => tell.steps(mirrorSteps(asked)),
          })
          note({ after: { from: reversed.from, to: reversed.to } })
          return reversed
        },
      })
    },
  })
}
