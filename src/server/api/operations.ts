import { z } from 'zod'
import { type Caller, may } from '../door/caller.ts'
import { serverError } from '../errors.ts'
import { eventStream } from '../http/event-stream.ts'
import { Reply, type Route, route } from '../http/route.ts'
import { type Operation, operationSchema } from '../operations/operation.ts'
import type { Operations, OperationWork } from '../operations/operations.ts'

const shared = {
  method: 'GET',
  tag: 'operations',
  action: null,
  need: { role: 'viewer', on: 'somewhere' },
} as const

/** What takes longer than a request: how far it is. */
export function operationRoutes(operations: Operations): readonly Route[] {
  /** One that the caller may not see is as good as none. */
  const seen = (id: string, caller: Caller) => {
    const found = operations.get(id)
    if (maySee(found, caller)) return found
    throw serverError('OPERATION_UNKNOWN', `there is no operation ${id}`)
  }
  return [
    route({
      ...shared,
      path: '/api/operations',
      summary: 'What runs, and what has ended lately, newest first',
      answer: z.object({ operations: z.array(operationSchema) }),
      handle: ({ caller }) => ({
        operations: operations
          .list()
          .filter((one) => maySee(one, caller))
          .reverse(),
      }),
    }),
    route({
      ...shared,
      path: '/api/operations/{operation}',
      summary: 'How far an operation is, or what came of it',
      answer: operationSchema,
      handle: ({ params, caller }) => seen(params.operation, caller),
    }),
    route({
      ...shared,
      path: '/api/operations/{operation}/events',
      summary: 'The same at each change, as server-sent events, until it has ended',
      answer: operationSchema,
      handle({ params, caller, signal }) {
        const { id } = seen(params.operation, caller)
        return eventStream(eventsOf(operations.follow(id, signal)), signal)
      },
    }),
  ]
}

/** Begins an operation, and answers where it can be followed. What came of it goes into the audit log when it ends. */
export function begun(operations: Operations, work: OperationWork): Reply {
  const { operation, ended } = operations.start(work)
  const location = `/api/operations/${operation.id}`
  return new Reply(202, operation, { location }, ended)
}

function maySee({ about }: Operation, caller: Caller): boolean {
  return may(caller, 'viewer', { resource: about })
}

async function* eventsOf(operations: AsyncIterable<Operation>) {
  for await (const data of operations) yield { event: 'operation', data }
}
