import { hostname } from 'node:os'
import { accessTo } from '../../fleet/apply/bring-up.ts'
import type { LinkAtHand } from '../../fleet/apply/link-at-hand.ts'
import type { LoadedFleet } from '../../fleet/file/fleet.ts'
import type { FleetStatus, LinkOverview } from '../../fleet/run/fleet-status.ts'
import { linkError } from '../../link/errors.ts'
import { type Asked, askOfMirrors, rememberedLink } from '../../link/intents/request.ts'
import type { IntentRecord, Wish } from '../../link/state/intents.ts'
import type { Caller } from '../door/caller.ts'
import type { OperationStep } from './operation.ts'
import type { OperationWork } from './operations.ts'

/** @throws LINK_UNKNOWN */
export function linkNamed({ links }: FleetStatus, name: string): LinkOverview {
  const found = links.find((link) => link.name === name)
  if (found !== undefined) return found
  throw linkError('LINK_UNKNOWN', `the fleet has no link "${name}"`, { context: { link: name } })
}

/** A link with what its destination, as it runs now, remembers of it. */
export async function linkHere(fleet: LoadedFleet, { name, to }: LinkOverview): Promise<LinkAtHand> {
  const access = await accessTo(fleet, to)
  return { name, access, memory: await rememberedLink(access, name) }
}

/** As receipts name whoever decided. */
export function personOf({ name }: Caller): IntentRecord['by'] {
  return { user: name, host: hostname() }
}

export type Wished = { readonly topic: string; readonly wish: Wish }

type MirrorWork = {
  readonly action: string
  readonly caller: Caller
  readonly wishes: readonly Wished[]
  readonly timeoutMs: number
  readonly onEnd: (asked: readonly Asked[]) => void
}

/** What asks something of mirrors and waits for the worker's answers, one step a mirror. */
export function mirrorWork(
  { name, access }: LinkAtHand,
  { action, caller, wishes, timeoutMs, onEnd }: MirrorWork,
): OperationWork {
  return {
    ...{ action, about: { kind: 'link', name }, by: caller.name },
    async run(tell, signal) {
      const asked = await askOfMirrors(access, name, wishes, {
        ...{ timeoutMs, signal, by: personOf(caller) },
        onProgress: (now) => tell.steps(mirrorSteps(now)),
      })
      onEnd(asked)
      refuseUndone(name, asked)
      return asked
    },
  }
}

export function mirrorSteps(asked: readonly Asked[]): OperationStep[] {
  const states = { done: 'done', refused: 'failed', working: 'running', silent: 'waiting' } as const
  return asked.map(({ mirror, outcome, text }) => {
    return { name: mirror, state: states[outcome], note: text, startedAt: null, endedAt: null }
  })
}

/** @throws MIRROR_VERB_REFUSED, MIRROR_NOT_ANSWERED for the first that was not done */
function refuseUndone(link: string, asked: readonly Asked[]): void {
  const refused = asked.find(({ outcome }) => outcome === 'refused')
  const context = { link }
  if (refused !== undefined) {
    throw linkError('MIRROR_VERB_REFUSED', `${refused.mirror}: ${refused.text}`, { context })
  }
  const open = asked.filter(({ outcome }) => outcome !== 'done')
  if (open.length === 0) return
  const texts = open.map(({ mirror, text }) => `${mirror}: ${text}`).join('; ')
  throw linkError('MIRROR_NOT_ANSWERED', `not done in time, and the worker goes on: ${texts}`, { context })
}
