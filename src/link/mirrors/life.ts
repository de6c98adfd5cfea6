import type { MirrorState } from '../status.ts'

/** What an operator can ask of a mirror. */
export type Verb = 'pause' | 'resume' | 'promote' | 'failover'

/** What a verb means in a state: a change, nothing to do, or no. The texts end a sentence that names the mirror. */
export type Step =
  | { readonly kind: 'change'; readonly to: MirrorState }
  | { readonly kind: 'already'; readonly why: string }
  | { readonly kind: 'refused'; readonly why: string }

const change = (to: MirrorState): Step => ({ kind: 'change', to })
const already = (why: string): Step => ({ kind: 'already', why })
const refused = (why: string): Step => ({ kind: 'refused', why })

const stillMade = refused('is still being brought to its first offset: wait until it is active')
const isPromoted = refused('was promoted: it is a topic of its own, and no link writes to it')
const isFailedOver = refused('was failed over: it is a topic of its own, and no link writes to it')

/** Every verb in every state; a mirror is `faulted` when it is active and a fault stops it or a partition of it. */
const table: Readonly<Record<Verb, Readonly<Record<MirrorState, Step>>>> = {
  pause: {
    seeding: stillMade,
    active: change('paused'),
    paused: already('is paused already'),
    faulted: change('paused'),
    promoting: refused('is being promoted: call that back first with `kmc mirror resume`'),
    promoted: isPromoted,
    'failed-over': isFailedOver,
  },
  resume: {
    seeding: already('is being made already'),
    active: already('is active already'),
    paused: change('active'),
    faulted: refused('is not paused but stopped by a fault: `kmc mirror describe` says what to do'),
    promoting: change('active'),
    promoted: isPromoted,
    'failed-over': isFailedOver,
  },
  promote: {
    seeding: stillMade,
    active: change('promoting'),
    paused: refused('is paused, so its lag never becomes 0: `kmc mirror resume` it first'),
    faulted: refused(
      'is stopped by a fault, so its lag never becomes 0: repair it first (`kmc mirror describe` says how), or fail over',
    ),
    promoting: already('is being promoted already'),
    promoted: already('was promoted already'),
    'failed-over': isFailedOver,
  },
  failover: {
    seeding: refused('is still being brought to its first offset: it holds nothing to fail over to'),
    active: change('failed-over'),
    paused: change('failed-over'),
    faulted: change('failed-over'),
    promoting: change('failed-over'),
    promoted: already('was promoted already, which is more: nothing was missing'),
    'failed-over': already('was failed over already'),
  },
}

/** What a verb does to a mirror in this state. */
export function stepOf(state: MirrorState, verb: Verb): Step {
  return table[verb][state]
}

/** A topic of its own: no link writes to it, holds its settings or carries positions to it. */
export function isReleased(state: MirrorState): boolean {
  return state === 'promoted' || state === 'failed-over'
}

/** Whether records are copied in this state, faults aside. */
export function isCopied(state: MirrorState): boolean {
  return state === 'active' || state === 'promoting' || state === 'faulted'
}
