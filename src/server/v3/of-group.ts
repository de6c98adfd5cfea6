import type { ask } from '../ask.ts'

/** Below it stands everything that v3 tells of one group. */
export const GROUP = '/v3/clusters/{cluster}/consumer-groups/{group}'

/** What its routes have in common: they only tell. */
export const ofGroup = {
  method: 'GET',
  tag: 'consumer groups',
  need: { role: 'viewer', on: 'group' },
  action: null,
} as const

export type GroupCall = Parameters<typeof ask>[0] & { readonly params: { readonly group: string } }
