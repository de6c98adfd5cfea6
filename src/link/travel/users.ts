import type { Secret } from '../../base/secret.ts'
import type { ScramChange, ScramUser } from '../../client/admin/scram-users.ts'
import { nameMatcher } from '../names.ts'
import type { UserTravel } from './options.ts'
import type { OwnedChange, OwnedRecord } from './owned.ts'

type UserNote = OwnedRecord & { readonly kind: 'user' }
type Mechanism = ScramChange['mechanism']

export type UserWorld = {
  readonly rules: UserTravel | null
  readonly passwords: Readonly<Record<string, Secret>>
  readonly source: readonly ScramUser[]
  readonly present: readonly ScramUser[]
  readonly notes: ReadonlyMap<string, OwnedRecord>
  /** Sets the passwords of users that the link made once more, as they may have changed since. */
  readonly again: boolean
}

export type UserPlan = {
  readonly changes: readonly ScramChange[]
  readonly before: readonly OwnedChange[]
  readonly after: readonly OwnedChange[]
  readonly made: number
  readonly foreign: number
  /** Users of the source that the destination lacks, and whose password the link was not given. */
  readonly missing: readonly string[]
}

/**
 * Kafka tells a user's name, mechanisms and iterations, never the salted password (KIP-554): a user can be made only
 * from a password that the operator gives. Users that were there before are left alone.
 */
export function planUsers({ rules, passwords, source, present, notes, again }: UserWorld): UserPlan {
  const there = new Map(present.map((user) => [user.user, user]))
  const own = new Map(
    [...notes.values()].flatMap((record) => (record.kind === 'user' ? [[record.user, record]] : [])),
  )
  const takes = nameMatcher(rules?.names ?? [])
  const wanted = rules === null ? [] : source.filter(({ user }) => takes(user))
  const changes: ScramChange[] = []
  const notesBefore: OwnedChange[] = []
  const notesAfter: OwnedChange[] = []
  const missing = new Set<string>()
  let made = 0
  let foreign = 0
  for (const { user, credentials } of wanted) {
    const password = passwords[user]
    const mechanisms = new Set<string>()
    for (const { mechanism, iterations } of credentials) {
      if (mechanism === 'unknown') continue
      const isThere = there.get(user)?.credentials.some((one) => one.mechanism === mechanism) ?? false
      const isOwn = own.get(user)?.mechanisms.includes(mechanism) ?? false
      if (isThere && !isOwn) foreign++
      else if (password === undefined && !isThere) missing.add(user)
      else {
        mechanisms.add(mechanism)
        const isSet = isThere && !again
        if (password !== undefined && !isSet)
          changes.push({ user, mechanism, action: 'set', password, iterations })
      }
    }
    made += mechanisms.size
    const gone = (own.get(user)?.mechanisms ?? []).filter((mechanism) => !mechanisms.has(mechanism))
    changes.push(...removals(user, gone, there))
    noteUser({ notesBefore, notesAfter }, user, own.get(user), [...mechanisms].sort())
  }
  const names = new Set(wanted.map(({ user }) => user))
  for (const [user, { mechanisms }] of own) {
    if (names.has(user)) continue
    changes.push(...removals(user, mechanisms, there))
    notesAfter.push({ what: `user/${user}`, record: null })
  }
  return { changes, before: notesBefore, after: notesAfter, made, foreign, missing: [...missing].sort() }
}

/** Only credentials that are there: the controller refuses to remove what is not (RESOURCE_NOT_FOUND). */
function removals(
  user: string,
  mechanisms: readonly string[],
  there: ReadonlyMap<string, ScramUser>,
): ScramChange[] {
  const present = there.get(user)?.credentials.map(({ mechanism }): string => mechanism) ?? []
  return mechanisms
    .filter((mechanism) => present.includes(mechanism))
    .map((mechanism) => ({ user, mechanism: mechanism as Mechanism, action: 'delete' }))
}

function noteUser(
  { notesBefore, notesAfter }: { notesBefore: OwnedChange[]; notesAfter: OwnedChange[] },
  user: string,
  noted: UserNote | undefined,
  mechanisms: string[],
): void {
  const was = noted?.mechanisms ?? []
  if (JSON.stringify(was) === JSON.stringify(mechanisms)) return
  const both = [...new Set([...was, ...mechanisms])].sort()
  const what = `user/${user}`
  notesBefore.push({ what, record: { kind: 'user', user, mechanisms: both } })
  notesAfter.push({ what, record: mechanisms.length === 0 ? null : { kind: 'user', user, mechanisms } })
}
