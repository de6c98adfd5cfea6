import { Agent, get } from 'node:http'
import { quantileOf } from '../quantile.ts'
import { Random } from '../random.ts'
import type { Ask } from './asks.ts'

/** How long one kind of request took, over all callers. */
export type Answered = {
  readonly what: string
  readonly requests: number
  /** Status codes that are no success, with how often. */
  readonly refused: Readonly<Record<string, number>>
  readonly p50Ms: number
  readonly p99Ms: number
  readonly maxMs: number
}

export type Callers = {
  readonly url: string
  readonly token: string
  readonly count: number
  /** Each waits so long between two requests, within a half and one and a half of it; 0: not at all. */
  readonly pauseMs: number
  readonly ms: number
  readonly signal: AbortSignal
}

type Sample = { readonly tookMs: number; readonly status: string }

/** Lets so many callers ask at the same time, each on a connection that it keeps and one request after the other. */
export async function callAll(asks: readonly Ask[], callers: Callers): Promise<Answered[]> {
  const samples = new Map(asks.map((ask): [Ask, Sample[]] => [ask, []]))
  const endAt = performance.now() + callers.ms
  const random = new Random(1)
  await Promise.all(
    Array.from({ length: callers.count }, async () => {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 })
      try {
        await pause(callers, random)
        while (performance.now() < endAt) {
          callers.signal.throwIfAborted()
          const ask = random.of(asks)
          samples.get(ask)!.push(await call(agent, callers, ask.path(random)))
          await pause(callers, random)
        }
      } finally {
        agent.destroy()
      }
    }),
  )
  return asks.map((ask) => summarize(ask.what, samples.get(ask)!))
}

async function pause({ pauseMs }: Callers, random: Random): Promise<void> {
  if (pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs / 2 + random.below(pauseMs)))
}

function call(agent: Agent, { url, token }: Callers, path: string): Promise<Sample> {
  const startedAt = performance.now()
  return new Promise((resolve) => {
    const done = (status: string) => resolve({ tookMs: performance.now() - startedAt, status })
    get(url + path, { agent, headers: { authorization: `Bearer ${token}` } }, (response) => {
      response.on('end', () => done(String(response.statusCode)))
      response.on('error', (error) => done(error.name))
      response.resume()
    }).on('error', (error) => done(error.message))
  })
}

function summarize(what: string, samples: readonly Sample[]): Answered {
  const took = samples.map(({ tookMs }) => tookMs).sort((a, b) => a - b)
  const at = (share: number) => quantileOf(took, share)
  const refused: Record<string, number> = {}
  for (const { status } of samples) if (!status.startsWith('2')) refused[status] = (refused[status] ?? 0) + 1
  return { what, requests: samples.length, refused, p50Ms: at(0.5), p99Ms: at(0.99), maxMs: at(1) }
}
