import { Readable } from 'node:stream'
import { systemClock } from '../../base/clock.ts'
import { Reply } from './route.ts'

/** One event of a stream; `data` is sent as JSON. */
export type ServerEvent = { readonly event: string; readonly id?: string; readonly data: unknown }

const HEARTBEAT_MS = 15_000

/**
 * An answer that goes on: server-sent events, with a comment whenever nothing happened for a while, so that proxies
 * keep the connection. A client that reads slowly is waited for: `events` is asked for the next one when it took the
 * last. It ends when `events` does, or the client leaves (`signal`).
 */
export function eventStream(events: AsyncIterable<ServerEvent>, signal: AbortSignal): Reply {
  const body = Readable.from(lines(events, signal), { objectMode: false, highWaterMark: 64 * 1024 })
  return new Reply(200, body, { 'content-type': 'text/event-stream', 'x-accel-buffering': 'no' })
}

async function* lines(events: AsyncIterable<ServerEvent>, signal: AbortSignal): AsyncGenerator<string> {
  const iterator = events[Symbol.asyncIterator]()
  yield ': open\n\n'
  try {
    let next = iterator.next()
    let beat = heartbeat(signal)
    while (!signal.aborted) {
      const result = await Promise.race([next, beat])
      if (result === null) {
        yield ': still here\n\n'
        beat = heartbeat(signal)
      } else if (result.done === true) return
      else {
        yield lineOf(result.value)
        next = iterator.next()
      }
    }
  } finally {
    await iterator.return?.()
  }
}

async function heartbeat(signal: AbortSignal): Promise<null> {
  await systemClock.sleep(HEARTBEAT_MS, signal)
  return null
}

function lineOf({ event, id, data }: ServerEvent): string {
  return `${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`
}
