import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import type { FailoverPlan } from '../../../src/failover/plan/plan.ts'
import type { AcceptFlag } from '../../../src/failover/plan/refusals.ts'
import type { FailoverRecord } from '../../../src/failover/state/records.ts'
import type { Verb } from '../../../src/link/mirrors/life.ts'
import type { RepairChoice } from '../../../src/link/state/intents.ts'
import type { VerbPreviews } from '../../../src/server/api/mirrors.ts'
import type { RepairPreview } from '../../../src/server/api/repairs.ts'
import type { Operation } from '../../../src/server/operations/operation.ts'
import { ask, path } from './http.ts'

const post = <T>(at: string, body: unknown = {}): Promise<T> => ask<T>(at, { method: 'POST', body })

/** What can be asked of links, mirrors and routes; what takes longer answers with an operation. */
export const verbs = {
  link: (link: string, verb: 'pause' | 'resume') => post<unknown>(path`/api/links/${link}/${verb}`),
  reverse: (link: string, confirm: string) => post<Operation>(path`/api/links/${link}/reverse`, { confirm }),
  mirror: (link: string, verb: Verb, topic: string, confirm?: string) =>
    post<Operation>(`${path`/api/links/${link}`}/mirrors:${verb}`, { topics: [topic], confirm }),
  preview: (link: string, verb: Verb, topic: string) =>
    post<VerbPreviews>(`${path`/api/links/${link}`}/mirrors:preview`, { verb, topics: [topic] }),
  repair: (link: string, topic: string, choice: RepairChoice, confirm: string) =>
    post<Operation>(path`/api/links/${link}/mirrors/${topic}/repair`, { choice, confirm }),
  repairPreview: (link: string, topic: string, choice: RepairChoice) =>
    post<RepairPreview>(`${path`/api/links/${link}/mirrors/${topic}`}/repair:preview`, { choice }),
  plan: (route: string, accept: readonly AcceptFlag[]) =>
    post<FailoverPlan>(`${path`/api/routes/${route}`}/failover:plan`, { accept }),
  start: (route: string, plan: string, confirm: string) =>
    post<Operation>(`${path`/api/routes/${route}`}/failover:start`, { plan, confirm }),
  goOn: (route: string, confirm: string) =>
    post<Operation>(`${path`/api/routes/${route}`}/failover:continue`, { confirm }),
} as const

const STEP_POLL_MS = 400
const LIST_POLL_MS = 3_000

/** How far an operation is: it goes on when the page is left, and is found again. */
export function useOperation(id: string) {
  return useQuery({
    queryKey: ['operation', id],
    queryFn: ({ signal }) => ask<Operation>(path`/api/operations/${id}`, { signal }),
    refetchInterval: ({ state: { data } }) => (data?.endedAt == null ? STEP_POLL_MS : false),
  })
}

/** What runs about one thing now, begun here or elsewhere. */
export function useRunning({ kind, name }: Operation['about']): Operation | null {
  const { data } = useQuery({
    queryKey: ['operations'],
    queryFn: ({ signal }) => ask<{ operations: readonly Operation[] }>('/api/operations', { signal }),
    refetchInterval: LIST_POLL_MS,
  })
  const isIt = ({ about, endedAt }: Operation) =>
    endedAt === null && about.kind === kind && about.name === name
  return data?.operations.find(isIt) ?? null
}

/** The latest move of a route, as its clusters know it. */
export function useLatestRun(route: string) {
  return useQuery({
    queryKey: ['run', route],
    queryFn: ({ signal }) =>
      ask<{ run: FailoverRecord | null }>(path`/api/routes/${route}/failover`, { signal }),
    refetchInterval: LIST_POLL_MS * 5,
  })
}

/** A change that is made at once; what the page shows of the fleet is asked again. */
export function useChange<Answer, Args>(make: (args: Args) => Promise<Answer>) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: make,
    onSuccess: () =>
      Promise.all(['fleet', 'operations'].map((key) => client.invalidateQueries({ queryKey: [key] }))),
  })
}
