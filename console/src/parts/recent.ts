import { useEffect, useState } from 'react'

/** One moment of a figure; null where it was not known. */
export type Sample = { readonly at: number; readonly value: number | null }

const SAMPLES_MAX = 900
const kept = new Map<string, Sample[]>()

/** What this page has seen of a figure since it was opened: real, if short, where the server keeps no history. */
export function useRecent(key: string, at: number, value: number | null): readonly Sample[] {
  const [samples, setSamples] = useState<readonly Sample[]>(() => kept.get(key) ?? [])
  useEffect(() => {
    const known = kept.get(key) ?? []
    if (known.at(-1)?.at === at) return setSamples(known)
    const next = [...known, { at, value }].slice(-SAMPLES_MAX)
    kept.set(key, next)
    setSamples(next)
  }, [key, at, value])
  return samples
}
