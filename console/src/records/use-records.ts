import { useInfiniteQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import type { ShownRecord } from '../../../src/observe/records/shown.ts'
import { ask } from '../api/http.ts'
import { pageQuery, type Question, type RecordPage, recordsPath, tailQuery } from './api.ts'

/** Records page by page, as the question asks for them. */
export function useRecordPages(cluster: string, topic: string, question: Question) {
  const base = recordsPath(cluster, topic)
  return useInfiniteQuery({
    queryKey: ['records', base, question],
    queryFn: ({ pageParam, signal }) =>
      ask<RecordPage>(`${base}?${pageQuery(question, pageParam)}`, { signal }),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
    enabled: !question.isTail,
    refetchOnWindowFocus: false,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  })
}

export type Tail = {
  readonly records: readonly ShownRecord[]
  readonly skipped: number
  readonly trouble: string | null
}

const KEPT_MAX = 500
const nothing: Tail = { records: [], skipped: 0, trouble: null }

/** Records as they are written, the newest first, as many as a page holds. */
export function useTail(cluster: string, topic: string, question: Question): Tail {
  const [tail, setTail] = useState<Tail>(nothing)
  useEffect(() => {
    setTail(nothing)
    if (!question.isTail) return
    const source = new EventSource(`${recordsPath(cluster, topic)}:tail?${tailQuery(question)}`)
    source.addEventListener('records', (event) => {
      const { records, skipped } = JSON.parse(event.data) as { records: ShownRecord[]; skipped: number }
      setTail((before) => ({
        records: [...records.toReversed(), ...before.records].slice(0, KEPT_MAX),
        skipped: before.skipped + skipped,
        trouble: null,
      }))
    })
    source.onerror = () => {
      const why =
        source.readyState === EventSource.CLOSED ? 'The server refused to follow it' : 'Connecting again …'
      setTail((before) => ({ ...before, trouble: why }))
    }
    return () => source.close()
  }, [cluster, topic, question])
  return tail
}
