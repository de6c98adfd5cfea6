import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useSyncExternalStore } from 'react'
import { hasToken } from './http.ts'

const RETRY_MS = 15_000

let isLive = false
const listeners = new Set<() => void>()

function setLive(value: boolean): void {
  if (value === isLive) return
  isLive = value
  for (const listener of listeners) listener()
}

/** Whether the server pushes changes; queries poll while it does not. */
export function useIsLive(): boolean {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => isLive,
  )
}

/**
 * Follows `GET /api/events`: each event says what changed, and the queries it names are asked again. A server that has
 * no such stream, or a session by token (which a stream cannot carry), leaves everything to polling.
 */
export function useEvents(): void {
  const client = useQueryClient()
  useEffect(() => {
    if (hasToken()) return
    let source: EventSource | null = null
    let timer: ReturnType<typeof setTimeout> | undefined
    const open = () => {
      source = new EventSource('/api/events')
      source.onopen = () => setLive(true)
      source.onerror = () => {
        setLive(false)
        // A browser goes on by itself after a cut, and gives up after a refusal.
        if (source?.readyState === EventSource.CLOSED) timer = setTimeout(open, RETRY_MS)
      }
      const changed = () => {
        for (const key of ['fleet', 'operations']) void client.invalidateQueries({ queryKey: [key] })
      }
      for (const name of ['change', 'reset']) source.addEventListener(name, changed)
    }
    open()
    return () => {
      clearTimeout(timer)
      source?.close()
      setLive(false)
    }
  }, [client])
}
