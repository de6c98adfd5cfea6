import { MEMBERS_MAX } from '../limits.ts'
import type { Asker } from './rules.ts'

/** The two ways of being in a group: JoinGroup and its kin, or ConsumerGroupHeartbeat (KIP-848). */
export type Protocol = 'classic' | 'consumer'

/**
 * `working`: has partitions, or may have. `asking`: its heartbeat waits for those of the others. `told`: was asked to
 * give them up. `yielded`: has done so and waits to join again. `returning`: must be told to join again, since the
 * switch that it yielded for was called off. `staying`: is not asked, since it commits nothing while it waits to join
 * (Kafka Streams), and keeps its transaction open.
 */
export type MemberState = 'working' | 'asking' | 'told' | 'yielded' | 'returning' | 'staying'

export type Member = {
  readonly group: string
  readonly id: string
  readonly protocol: Protocol
  readonly session: Asker
  state: MemberState
  /** When it was asked to give up its partitions; 0: not yet. */
  toldAt: number
  lastSeenAt: number
}

/** A member that was silent for longer is thrown out of its group by the broker (session.timeout.ms, 45 s). */
const FORGOTTEN_AFTER_MS = 60_000

/** The members of groups that speak through a gateway, and how far each is in giving up its partitions. Pure. */
export class Members {
  readonly #members = new Map<string, Member>()
  #isGathering = false

  /**
   * Whether heartbeats wait until all members have sent one. Each can be told to give up its partitions only in an
   * answer to it: told one by one, the first would rest for a heartbeat interval of the last.
   */
  get isGathering(): boolean {
    return this.#isGathering
  }

  gather(): void {
    this.#isGathering = true
  }

  /** Ends the gathering once nobody is missing, or in any case; true where it has just ended. */
  endGathering(now: number, inAnyCase: boolean): boolean {
    if (!this.#isGathering) return false
    const isMissing = ({ state, lastSeenAt }: Member) =>
      state === 'working' && now - lastSeenAt <= FORGOTTEN_AFTER_MS
    this.#isGathering = !inAnyCase && [...this.#members.values()].some(isMissing)
    return !this.#isGathering
  }

  /** Notes a sign of life; gives the member. A client that comes back to its group under another id is the same one. */
  seen(group: string, id: string, protocol: Protocol, session: Asker, now: number): Member {
    const name = nameOf(group, id)
    const known = this.#members.get(name)
    if (known !== undefined && known.session === session) {
      known.lastSeenAt = now
      return known
    }
    if (known === undefined) this.#forgetOthers(group, session)
    const state = known?.state ?? 'working'
    const member: Member = {
      group,
      id,
      protocol,
      session,
      state,
      toldAt: known?.toldAt ?? 0,
      lastSeenAt: now,
    }
    this.#members.set(name, member)
    if (this.#members.size > MEMBERS_MAX) this.#members.delete(this.#members.keys().next().value!)
    return member
  }

  left(group: string, id: string): void {
    this.#members.delete(nameOf(group, id))
  }

  /** Of a client that was told that nobody knows it, and has joined anew: nobody would wait for the one that it was. */
  #forgetOthers(group: string, session: Asker): void {
    for (const [name, member] of this.#members) {
      if (member.group === group && member.session === session) this.#members.delete(name)
    }
  }

  /** A connection is gone; its members will come back through another one, as members or anew. */
  forgetSession(session: object): void {
    for (const [name, member] of this.#members) if (member.session === session) this.#members.delete(name)
  }

  /** `group/member` of those that still hold partitions. */
  notYielded(now: number): string[] {
    const late: string[] = []
    for (const [name, { group, id, state, lastSeenAt }] of this.#members) {
      if (now - lastSeenAt > FORGOTTEN_AFTER_MS) this.#members.delete(name)
      else if (state === 'working' || state === 'asking' || state === 'told') late.push(`${group}/${id}`)
    }
    return late
  }

  /** The switch was called off: members of KIP-848 do not get their partitions back by themselves. */
  callBack(): void {
    for (const member of this.#members.values()) {
      const isAsked = member.state !== 'working' && member.state !== 'asking'
      const hasGivenUp = isAsked && member.protocol === 'consumer'
      member.state = hasGivenUp ? 'returning' : 'working'
    }
  }

  /** After a switch the new cluster makes the members join; gives those that the last one still counts on. */
  takeAll(): Member[] {
    const all = [...this.#members.values()]
    this.#members.clear()
    return all
  }
}

function nameOf(group: string, id: string): string {
  return `${group}\0${id}`
}
