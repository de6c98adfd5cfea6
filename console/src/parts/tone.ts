import type { ClusterState } from '../../../src/fleet/run/fleet-status.ts'
import type { RouteState } from '../../../src/fleet/run/route-overview.ts'
import type { LinkState, MirrorState } from '../../../src/link/status.ts'

/** What a state means to whoever looks: a colour and a shape, the word itself always beside it. */
export type Tone = 'good' | 'warn' | 'bad' | 'busy' | 'idle'

type AnyState = ClusterState | LinkState | MirrorState | RouteState | GroupState
type GroupState = 'in-step' | 'waiting' | 'active'

const tones: Readonly<Record<AnyState, Tone>> = {
  ...{ ready: 'good', active: 'good', serving: 'good', promoted: 'good', 'in-step': 'good' },
  ...{ paused: 'warn', waiting: 'warn', stopped: 'idle', unknown: 'idle' },
  ...{ failed: 'bad', unreachable: 'bad', faulted: 'bad', 'failed-over': 'warn' },
  ...{ starting: 'busy', stopping: 'busy', seeding: 'busy', promoting: 'busy', switching: 'busy' },
}

export function toneOf(state: string): Tone {
  return tones[state as AnyState] ?? 'idle'
}
