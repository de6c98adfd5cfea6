import { systemClock } from '../../base/clock.ts'
import type { StateStore } from '../state/store.ts'

/**
 * Pauses a link and waits until its workers have said that none of them does anything more for it. Gives false when
 * nobody said so in time: no worker runs, or one that leads does not answer.
 */
export async function restLink(
  store: StateStore,
  link: string,
  { timeoutMs, signal }: { readonly timeoutMs: number; readonly signal?: AbortSignal },
): Promise<boolean> {
  const record = store.view.link(link)
  if (record === null) return true
  const wish = record.desired === 'paused' ? record.updatedAt : systemClock.now()
  if (record.desired !== 'paused') await store.putLink({ ...record, desired: 'paused', updatedAt: wish })
  const deadline = systemClock.now() + timeoutMs
  while (store.view.rest(link)?.wish !== wish) {
    const leftMs = deadline - systemClock.now()
    if (leftMs <= 0 || signal?.aborted) return false
    const limit = AbortSignal.timeout(leftMs)
    await store.next(signal === undefined ? limit : AbortSignal.any([signal, limit])).catch((error) => {
      if (!limit.aborted) throw error
    })
  }
  return true
}
