import { z } from 'zod'
import { type Caller, may } from '../door/caller.ts'
import type { Changed } from '../events/differences.ts'
import type { ChangeNotice, FleetChanges } from '../events/fleet-changes.ts'
import { eventStream } from '../http/event-stream.ts'
import { type Route, route } from '../http/route.ts'
import type { Operations } from '../operations/operations.ts'

type EventParts = { readonly changes: FleetChanges; readonly operations: Operations }

/** What has changed, for pages that are open. */
export function eventRoutes({ changes, operations }: EventParts): readonly Route[] {
  return [
    route({
      ...{ method: 'GET', path: '/api/events', tag: 'fleet', action: null },
      summary:
        'Server-sent events: `change` names the clusters, links, routes and operations that have changed; `reset` that all are to be asked again. Goes on after `Last-Event-ID`',
      need: { role: 'viewer', on: 'somewhere' },
      answer: z.unknown(),
      handle({ headers, caller, signal }) {
        const last = headers['last-event-id']
        const notices = changes.follow(typeof last === 'string' ? last : null, signal)
        return eventStream(told(notices, caller, operations), signal)
      },
    }),
  ]
}

/** Only what the caller may see. */
async function* told(notices: AsyncIterable<ChangeNotice>, caller: Caller, operations: Operations) {
  for await (const { id, changed } of notices) {
    if (changed === null) yield { event: 'reset', id, data: {} }
    else {
      const seen = visibleTo(caller, changed, operations)
      if (Object.values(seen).some((names) => names.length > 0)) yield { event: 'change', id, data: seen }
    }
  }
}

function visibleTo(
  caller: Caller,
  { cluster, link, route: routes, operation }: Changed,
  all: Operations,
): Changed {
  const mayOn = (kind: 'link' | 'route') => (name: string) =>
    may(caller, 'viewer', { resource: { kind, name } })
  const known = new Map(all.list().map((one) => [one.id, one.about]))
  return {
    cluster: cluster.filter((name) => may(caller, 'viewer', { cluster: name })),
    link: link.filter(mayOn('link')),
    route: routes.filter(mayOn('route')),
    operation: operation.filter((id) => {
      const resource = known.get(id)
      return resource !== undefined && may(caller, 'viewer', { resource })
    }),
  }
}
