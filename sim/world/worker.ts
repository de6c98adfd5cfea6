import type { Clock } from '../../src/base/clock.ts'
import type { MarkerWriter } from '../../src/link/port.ts'
import { LinkSession } from '../../src/link/session.ts'
import type { SessionPorts, SessionState } from '../../src/link/session-options.ts'
import type { Share } from '../../src/link/share/share.ts'
import type { LinkSpec } from '../../src/link/spec.ts'
import { claimLease } from '../../src/link/state/lease.ts'
import type { MirrorRecord } from '../../src/link/state/records.ts'
import { sessionStateOn } from '../../src/link/state/session-state.ts'
import { EPOCH_MS, type Events } from '../engine/events.ts'
import type { Owner } from '../model/network.ts'
import { ClusterAccess } from '../ports/access.ts'
import { SimDestination } from '../ports/destination.ts'
import { SimGroupDestination, SimGroupSource } from '../ports/groups.ts'
import { SimSource } from '../ports/source.ts'
import { SimStore } from './state-log.ts'
import type { World } from './world.ts'

const TRY_AGAIN_MS = 500

/** What a planted bug may change of a worker; the product's own code is not touched. */
export type Mutation = {
  readonly ports?: (ports: SessionPorts, world: World) => SessionPorts
  readonly writer?: (writer: MarkerWriter) => MarkerWriter
  readonly record?: (record: MirrorRecord) => MirrorRecord
}

/** A process that runs one link. It may be paused or killed at any moment; nothing of it outlives it. */
export class Worker implements Owner {
  readonly name: string
  readonly #world: World
  readonly #events: Events
  readonly #clock: Clock
  #alive = true
  #paused = false
  #held: (() => void)[] = []
  #pausedAt = 0
  /** How far its clock is ahead of true time. */
  skewMs = 0
  session: LinkSession | null = null
  generation = 0
  /** It has stopped by itself, as another worker has taken over. */
  ended = false

  constructor(name: string, world: World) {
    this.name = name
    this.#world = world
    this.#events = world.events
    this.#clock = this.#makeClock()
    void this.#run()
  }

  get alive(): boolean {
    return this.#alive && !this.ended
  }
  /** Hands something to the process: at once, when it is woken, or never. */
  deliver(run: () => void): void {
    if (!this.#alive) return
    if (this.#paused) this.#held.push(run)
    else run()
  }

  kill(): void {
    this.#alive = false
    this.#held = []
  }
  pause(): void {
    this.#paused = true
    this.#pausedAt = this.#events.now
  }
  /** It has been paused for so long that others must think it dead. */
  missed(ms: number): boolean {
    return this.#paused && this.#events.now - this.#pausedAt > ms
  }
  wake(): void {
    this.#paused = false
    const held = this.#held
    this.#held = []
    for (const run of held) this.deliver(run)
  }

  #makeClock(): Clock {
    const after = (ms: number, then: () => void) => this.#events.after(ms, () => this.deliver(then))
    return {
      now: () => EPOCH_MS + Math.floor(this.#events.now + this.skewMs),
      after,
      sleep: (ms, signal) =>
        new Promise<void>((resolve) => {
          if (signal?.aborted) {
            resolve()
            return
          }
          const done = () => {
            callOff()
            signal?.removeEventListener('abort', done)
            resolve()
          }
          const callOff = after(ms, done)
          signal?.addEventListener('abort', done)
        }),
    }
  }

  async #run(): Promise<void> {
    const { networks, random, spec, stateLog } = this.#world
    const draw = random.fork(`worker/${this.name}`)
    const access = {
      source: new SimSource(networks.source, this, draw.fork('source')),
      destination: new SimDestination(networks.destination, this, draw.fork('destination')),
      control: new ClusterAccess(networks.destination, this, draw.fork('control')),
    }
    const store = new SimStore(access.control, stateLog)
    const writer = await this.#takeOver(store, spec)
    const ports: SessionPorts = {
      source: access.source,
      destination: access.destination,
      groupSource: new SimGroupSource(access.source),
      groupDestination: new SimGroupDestination(access.destination),
      destinationClusterId: 'destination',
    }
    const session = this.#session(store, writer, ports)
    this.session = session
    session.start()
    await this.#follow(store, session)
  }

  async #takeOver(store: SimStore, spec: LinkSpec): Promise<MarkerWriter> {
    for (;;) {
      try {
        const { generation } = await claimLease(store, {
          link: spec.name,
          workerId: this.name,
          now: this.#clock.now(),
        })
        const honest = { ...this.#world.identity, generation }
        const writer = this.#world.mutation.writer?.(honest) ?? honest
        this.generation = writer.generation
        this.#world.tookOver(this, writer)
        return writer
      } catch {
        await this.#clock.sleep(TRY_AGAIN_MS)
      }
    }
  }

  #session(store: SimStore, writer: MarkerWriter, ports: SessionPorts): LinkSession {
    const { mutation, spec } = this.#world
    return new LinkSession({
      spec,
      ports: mutation.ports?.(ports, this.#world) ?? ports,
      writer,
      share: this.#share(),
      state: this.#state(store),
      clock: this.#clock,
      log: this.#world.logFor(this),
    })
  }

  /** Each worker believes itself alone: that two are at work is what generations and sequences must stand. */
  #share(): Share {
    return {
      self: this.name,
      isLeader: true,
      isShared: false,
      otherOwnerOf: () => null,
      mayWrite: () => true,
      startOver: () => {},
    }
  }

  #state(store: SimStore): SessionState {
    const { mutation, spec } = this.#world
    const honest = sessionStateOn(store, spec.name)
    return {
      ...honest,
      saveMirror: async (saved) => {
        const record = mutation.record?.(saved) ?? saved
        this.#world.savingMirror(record)
        await honest.saveMirror(record)
      },
    }
  }

  /** Follows the state topic, and stops when the lease is lost. */
  async #follow(store: SimStore, session: LinkSession): Promise<void> {
    for (;;) {
      try {
        await store.next()
      } catch {
        await this.#clock.sleep(TRY_AGAIN_MS)
        continue
      }
      const lease = store.view.lease(this.#world.spec.name)
      const overtaken = lease !== null && lease.worker.id !== this.name
      if (!overtaken && session.copying.fence === null) continue
      await session.stop()
      this.ended = true
      return
    }
  }
}
