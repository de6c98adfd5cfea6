import { useQuery } from '@tanstack/react-query'
import { ask } from './http.ts'

export type Found = { readonly kind: string; readonly name: string; readonly cluster: string | null }

/** Whatever of the fleet has a name like this, by the server's own index. */
export function useSearch(text: string) {
  return useQuery({
    queryKey: ['search', text],
    queryFn: ({ signal }) =>
      ask<{ results: readonly Found[] }>(`/api/search?q=${encodeURIComponent(text)}&limit=50`, { signal }),
    enabled: text.trim() !== '',
    staleTime: 5_000,
  })
}
