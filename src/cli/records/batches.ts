import type { Line } from './lines.ts'

const BATCH_LINES_MAX = 5_000
/** Well below the 1 MiB that brokers take as one batch. */
const BATCH_BYTES_MAX = 512 * 1024
/** How long a line may wait for others: somebody who types sees it written at once. */
const LINGER_MS = 20

/** Lines in groups: as many as come together, within limits of number, size and waiting time. */
export async function* inBatches(lines: AsyncGenerator<Line>): AsyncGenerator<Line[]> {
  let batch: Line[] = []
  let bytes = 0
  let lingerUntilMs = 0
  let next = lines.next()
  for (;;) {
    const arrived =
      batch.length === 0 ? await next : await within(next, Math.max(0, lingerUntilMs - Date.now()))
    if (arrived !== null && !arrived.done) {
      if (batch.length === 0) lingerUntilMs = Date.now() + LINGER_MS
      batch.push(arrived.value)
      bytes += arrived.value.bytes.length
      next = lines.next()
    }
    const isFull = batch.length >= BATCH_LINES_MAX || bytes >= BATCH_BYTES_MAX
    if (batch.length > 0 && (arrived === null || arrived.done || isFull)) {
      yield batch
      batch = []
      bytes = 0
    }
    if (arrived?.done) return
  }
}

async function within<T>(promise: Promise<T>, limitMs: number): Promise<T | null> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<null>((done) => {
    timer = setTimeout(() => done(null), limitMs)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}
