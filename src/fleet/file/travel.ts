import { defaultTravel, type Travel } from '../../link/travel/options.ts'
import type { LinkKeys } from './schema.ts'

const everything = {
  acls: { topics: ['*'], groups: ['*'], transactionalIds: [], principals: ['*'], map: {} },
  quotas: { users: ['*'], clientIds: ['*'] },
  users: { names: ['*'], passwords: {} },
} as const

/** What the keys of a link say of what travels with its records; undefined where they say nothing. */
export function travelOf(keys: LinkKeys): Travel | undefined {
  const { configs, acls, quotas, users, deletion } = keys
  const silent = configs === undefined && !acls && !quotas && !users && deletion === 'keep'
  if (silent) return undefined
  return {
    configs: configs ?? defaultTravel.configs,
    acls: acls === true ? everything.acls : acls || null,
    quotas: quotas === true ? everything.quotas : quotas || null,
    users: users === true ? everything.users : users || null,
    deletion: deletionOf(deletion),
  }
}

function deletionOf(deletion: LinkKeys['deletion']): Travel['deletion'] {
  if (deletion === 'keep') return defaultTravel.deletion
  if (deletion === 'delete') return { ...defaultTravel.deletion, afterMs: HOLD_MS }
  return { afterMs: deletion.hold * 1000, shareMax: deletion.share }
}

const HOLD_MS = 3_600_000
