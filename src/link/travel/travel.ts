import type { Clock } from '../../base/clock.ts'
import { messageOf } from '../../base/error.ts'
import type { Log } from '../../base/log.ts'
import { fault, linkCodeOf } from '../errors.ts'
import type { TopicConfig } from '../mirrors/configs.ts'
import type { SkippedSetting } from '../mirrors/settings.ts'
import type { LinkSpec } from '../spec.ts'
import type { Fault } from '../status.ts'
import { aclText } from './acls/rules.ts'
import { type AclView, carryAcls, surveyAcls } from './acls/sync.ts'
import { handOver } from './hand-over.ts'
import { defaultTravel, type Travel } from './options.ts'
import type { OwnedBook, OwnedRecord } from './owned.ts'
import type { TravelDestination, TravelSide } from './port.ts'
import { linkPrincipal } from './principal.ts'
import { planQuotas } from './quotas.ts'
import type { TravelPart, TravelStatus } from './status.ts'
import { planUsers } from './users.ts'

export type TravelPorts = {
  readonly source: TravelSide
  readonly destination: TravelDestination
  readonly book: OwnedBook
}

/** What the link has now, as far as it decides what travels. */
export type TravelScene = {
  /** Topics that are mirrored, by their names at the source. */
  readonly mirrors: ReadonlyMap<string, string>
  /** Topics whose mirrors were promoted or failed over. */
  readonly released: ReadonlySet<string>
  readonly groups: readonly string[]
  readonly settings: readonly MirrorSettingsView[]
  readonly deletions: DeletionView
}

/** What became of mirrors whose topics are gone. */
export type DeletionView = {
  readonly policy: 'keep' | 'delete'
  readonly deleted: number
  readonly note: string | null
}

/** The settings of one mirror: what waits until it is one no longer, and what it cannot have. */
export type MirrorSettingsView = {
  readonly mirror: string
  readonly withheld: TopicConfig
  readonly skipped: readonly SkippedSetting[]
}

export type TravelOptions = {
  readonly spec: LinkSpec
  readonly ports: TravelPorts
  readonly scene: () => TravelScene
  readonly clock: Clock
  readonly log: Log
}

const NOTES_MAX = 20
const idle: TravelPart = {
  ...{ state: 'off', made: 0, foreign: 0, withheld: 0 },
  ...{ notes: [], asOf: null, fault: null },
}

/** Keeps ACLs, quotas and users of the destination in step with the source, as far as the link's spec asks for it. */
export class Traveller {
  readonly #options: TravelOptions
  readonly #travel: Travel
  readonly #parts = { acls: idle, quotas: idle, users: idle }
  /** Passwords are set once more by the first round of a worker. */
  #usersAgain = true
  /** Nothing was asked for, and nothing of an earlier spec is left: a link costs nothing then. */
  #cleared = false

  constructor(options: TravelOptions) {
    this.#options = options
    this.#travel = options.spec.travel ?? defaultTravel
  }

  status(): TravelStatus {
    const { settings, deletions } = this.#options.scene()
    return { configs: settingsPart(settings), ...this.#parts, deletions: deletionsPart(deletions) }
  }

  /** One round, every few seconds. Each subject fails for itself. */
  async step(): Promise<void> {
    if (this.#cleared) return
    const scene = this.#options.scene()
    await this.#part('acls', () => this.#acls(scene))
    await this.#part('quotas', () => this.#quotas())
    await this.#part('users', () => this.#users())
    const parts = Object.values(this.#parts)
    this.#cleared = parts.every(({ state, asOf }) => state === 'off' && asOf === null)
  }

  async #part(name: 'acls' | 'quotas' | 'users', work: () => Promise<TravelPart>): Promise<void> {
    try {
      this.#parts[name] = await work()
    } catch (error) {
      const known = this.#parts[name]
      const seen = fault(linkCodeOf(error) ?? 'TRAVEL_FAILED', `${name}: ${messageOf(error)}`)
      if (known.fault?.message !== seen.message) {
        this.#options.log.warn({ what: name, why: messageOf(error) }, 'not carried over')
      }
      this.#parts[name] = { ...known, state: 'faulted', fault: sinceBefore(seen, known.fault) }
    }
  }

  async #acls(scene: TravelScene): Promise<TravelPart> {
    const { ports, clock } = this.#options
    const notes = await ports.book.read()
    if (this.#travel.acls === null && !has(notes, 'acls') && !has(notes, 'handover')) return idle
    await this.#handOver(scene)
    const { without, plan } = await surveyAcls(this.#view(scene), ports, await ports.book.read()).then(
      (survey) => ({ without: survey.without, plan: survey.without === null ? survey.plan : null }),
    )
    if (plan === null) {
      const text = `the ${without} has no authorizer, so no ACLs travel`
      return { ...idle, state: 'nowhere', notes: [text], asOf: clock.now() }
    }
    const refused = await carryAcls(plan, ports.destination, ports.book)
    const [first] = refused
    if (first !== undefined) throw first.error
    const { create, remove, kept, foreign, withheld, writers } = plan
    const changed = { made: create.length, removed: remove.length }
    if (create.length + remove.length > 0) this.#options.log.info(changed, 'ACLs carried over')
    return {
      state: this.#travel.acls === null ? 'off' : 'in-step',
      ...{ made: kept.length + create.length, foreign: foreign.length, withheld: withheld.length },
      notes: writers.slice(0, NOTES_MAX).map((acl) => `not read-only: ${aclText(acl)} is not the link's`),
      ...{ asOf: clock.now(), fault: null },
    }
  }

  async #quotas(): Promise<TravelPart> {
    const { ports, clock, log } = this.#options
    const { source: from, destination: to, book } = ports
    const rules = this.#travel.quotas
    const notes = await book.read()
    if (rules === null && !has(notes, 'quota')) return idle
    const [source, present] = await Promise.all([rules === null ? [] : from.quotas(), to.quotas()])
    const plan = planQuotas({ rules, source, present, notes })
    await book.write(plan.before)
    const [refused] = await to.alterQuotas(plan.changes)
    if (refused !== undefined) throw refused.error
    await book.write(plan.after)
    if (plan.changes.length > 0) log.info({ changed: plan.changes.length }, 'quotas carried over')
    const { made, foreign } = plan
    return { ...idle, state: rules === null ? 'off' : 'in-step', made, foreign, asOf: clock.now() }
  }

  async #users(): Promise<TravelPart> {
    const { ports, clock, log, spec } = this.#options
    const { source: from, destination: to, book } = ports
    const rules = this.#travel.users
    const notes = await book.read()
    if (rules === null && !has(notes, 'user')) return idle
    const [source, present] = await Promise.all([rules === null ? [] : from.users(), to.users()])
    const given = { rules, passwords: spec.passwords ?? {}, again: this.#usersAgain }
    const plan = planUsers({ ...given, source, present, notes })
    await book.write(plan.before)
    const [refused] = await to.alterUsers(plan.changes)
    if (refused !== undefined) throw refused.error
    await book.write(plan.after)
    this.#usersAgain = false
    if (plan.changes.length > 0) log.info({ changed: plan.changes.length }, 'users carried over')
    const { made, foreign, missing } = plan
    const notesOf = missing.slice(0, NOTES_MAX).map((user) => `user ${user} is missing: ${MISSING}`)
    const counts = { made, foreign, withheld: missing.length, notes: notesOf, asOf: clock.now() }
    return { ...idle, state: rules === null ? 'off' : 'in-step', ...counts }
  }

  #view({ mirrors, groups }: TravelScene): AclView {
    const { topics, groups: groupPatterns, prefix, destination } = this.#options.spec
    const link = { topics, groups: groupPatterns, prefix }
    return { rules: this.#travel.acls, link, principal: linkPrincipal(destination), mirrors, groups }
  }

  /** Also when a command did it: then there is nothing left to do. */
  async #handOver({ released, mirrors }: TravelScene): Promise<void> {
    if (released.size === 0) return
    const { destination, book } = this.#options.ports
    const [error] = await handOver(destination, book, { topics: released, last: mirrors.size === 0 })
    if (error !== undefined) throw error
  }
}

/** Settings as a whole: a sentence for each setting that some mirror cannot have, or holds otherwise. */
function settingsPart(views: readonly MirrorSettingsView[]): TravelPart {
  const skipped = views.flatMap(({ mirror, skipped: own }) => own.map((one) => ({ mirror, ...one })))
  const held = views.flatMap(({ mirror, withheld }) =>
    Object.entries(withheld).map(([name, value]) => ({ mirror, name, value })),
  )
  const notes = [
    ...perSetting(skipped, (name, where, [first]) => `${name} is not set on ${where}: ${first!.why}`),
    ...perSetting(held, (name, where, own) => {
      const values = [...new Set(own.map(({ value }) => value))]
      const theirs = values.length === 1 ? values[0] : `${values.length} different values`
      return `${name} is held on ${where}; the source has ${theirs}, which comes true once it is released`
    }),
  ]
  const withheld = views.filter((view) => Object.keys(view.withheld).length > 0).length
  return { ...idle, state: 'in-step', made: views.length, withheld, notes: notes.slice(0, NOTES_MAX) }
}

function perSetting<T extends { readonly mirror: string; readonly name: string }>(
  items: readonly T[],
  say: (name: string, where: string, own: readonly T[]) => string,
): string[] {
  return [...Map.groupBy(items, ({ name }) => name)].map(([name, own]) => {
    const first = own[0]!.mirror
    return say(name, own.length === 1 ? first : `${own.length} mirrors, such as ${first}`, own)
  })
}

/** Why a user cannot be made. */
const MISSING = 'Kafka gives no password out, so name it under `users.passwords` or make the user there'

function has(notes: ReadonlyMap<string, OwnedRecord>, kind: OwnedRecord['kind']): boolean {
  return [...notes.values()].some((record) => record.kind === kind)
}

function deletionsPart({ policy, deleted, note }: DeletionView): TravelPart {
  const notes = note === null ? [] : [note]
  return { ...idle, state: policy === 'keep' ? 'off' : 'in-step', made: deleted, notes }
}

function sinceBefore(seen: Fault, known: Fault | null): Fault {
  return known?.message === seen.message ? known : seen
}
