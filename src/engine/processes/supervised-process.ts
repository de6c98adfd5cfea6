import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { EventEmitter } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { Socket } from 'node:net'
import { constants, setPriority } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { messageOf } from '../../base/error.ts'
import type { EngineLog } from '../report.ts'
import type { ProcessCommand } from './guardian.ts'
import { dismissGuardian, GUARDIAN_FD, guarded } from './guardian.ts'
import type { LifecycleEffect, LifecycleEvent, LifecyclePolicy, LifecycleState } from './lifecycle.ts'
import { defaultPolicy, lifecycleStep } from './lifecycle.ts'
import { rotateIfLarge } from './log-tail.ts'
import { endLeftover, writePidFile } from './pid-file.ts'

const PROBE_INTERVAL_MS = 50
const PROBE_TIMEOUT_MS = 3_000
const CONSOLE_BYTES_MAX = 4 * 1024 * 1024
const LEFTOVER_GRACE_MS = 15_000
const GUARDIAN_GRACE_SECONDS = 10

/** How a process ended: its exit code, or the signal that ended it. */
export type ProcessExit = { readonly code: number | null; readonly signal: NodeJS.Signals | null }

export type SupervisedProcessOptions = {
  /** For logs, e.g. `seoul/1`. */
  readonly name: string
  /** Asked for at every start, since settings may have changed. */
  readonly command: () => ProcessCommand | Promise<ProcessCommand>
  readonly pidFile: string
  /** Standard output and error are appended here. */
  readonly consoleFile: string
  /** True once the process does its work. Rejections count as "not yet". */
  readonly probe: () => Promise<boolean>
  /** Says in words why it ended. */
  readonly explain: (exit: ProcessExit) => Promise<string>
  readonly log: EngineLog
  readonly policy?: Partial<LifecyclePolicy>
  /** Runs it behind everything else and lets this process end while it runs. */
  readonly background?: boolean
}

/**
 * One process that is started, watched, restarted when it ends by itself, and stopped. The decisions are in
 * lifecycle.ts; this class only carries out the effects. Emits `change` with every new state.
 */
export class SupervisedProcess extends EventEmitter<{ change: [LifecycleState] }> {
  readonly #options: SupervisedProcessOptions
  readonly #policy: LifecyclePolicy
  #state: LifecycleState = { name: 'stopped' }
  #child: ChildProcess | undefined
  #timer: NodeJS.Timeout | undefined
  #restarts = 0
  /** Counts spawns, so that what belongs to an earlier process is recognised and dropped. */
  #generation = 0

  constructor(options: SupervisedProcessOptions) {
    super()
    this.#options = options
    this.#policy = { ...defaultPolicy, ...options.policy }
  }

  get name(): string {
    return this.#options.name
  }

  get state(): LifecycleState {
    return this.#state
  }

  get pid(): number | undefined {
    return this.#child?.pid
  }

  /** How often it was started again by itself since the last `start`. */
  get restarts(): number {
    return this.#restarts
  }

  /**
   * Resolves with the state that the first start led to: running, failed, or stopped when `stop` came in
   * between.
   */
  async start(): Promise<LifecycleState> {
    this.#restarts = 0
    this.#dispatch({ type: 'start' })
    return this.#settled()
  }

  /** Resolves when the process has ended and will not be started again. */
  async stop(): Promise<void> {
    this.#dispatch({ type: 'stop' })
    while (this.#state.name === 'stopping') await this.#changed()
  }

  /** Sends a signal as a stranger would: supervision reacts to what follows. */
  signal(signal: NodeJS.Signals): boolean {
    return this.#child?.kill(signal) ?? false
  }

  async #settled(): Promise<LifecycleState> {
    while (this.#state.name === 'starting' || this.#state.name === 'stopping') await this.#changed()
    return this.#state
  }

  #changed(): Promise<void> {
    return new Promise((resolve) => this.once('change', () => resolve()))
  }

  #dispatch(event: LifecycleEvent): void {
    const { state, effects } = lifecycleStep(this.#state, event, this.#policy)
    const changed = state !== this.#state
    this.#state = state
    for (const effect of effects) this.#perform(effect)
    if (!changed) return
    this.#options.log.debug(
      { process: this.#options.name, state: state.name, event: event.type },
      'process state',
    )
    this.emit('change', state)
  }

  #perform(effect: LifecycleEffect): void {
    switch (effect.type) {
      case 'spawn':
        void this.#spawn(++this.#generation)
        break
      case 'signal':
        // Without a process yet, the spawn in flight sees that it is not wanted any more.
        this.#child?.kill(effect.signal)
        break
      case 'timer':
        clearTimeout(this.#timer)
        if (effect.afterMs === null) break
        this.#timer = setTimeout(() => this.#dispatch({ type: 'timer' }), effect.afterMs)
        if (this.#options.background) this.#timer.unref()
        break
    }
  }

  async #spawn(generation: number): Promise<void> {
    if (generation > 1 && this.#state.name === 'starting' && !this.#state.first) this.#restarts++
    let reason: string
    try {
      const exit = await this.#run(generation)
      reason = exit === undefined ? 'stopped before it was started' : await this.#options.explain(exit)
    } catch (error) {
      reason = messageOf(error)
    }
    this.#child = undefined
    this.#dispatch({ type: 'exited', reason, atMs: Date.now() })
  }

  /** Starts the process and waits for its end; undefined when it was stopped before it could be started. */
  async #run(generation: number): Promise<ProcessExit | undefined> {
    const { name, log, pidFile, consoleFile } = this.#options
    const leftover = await endLeftover(pidFile, LEFTOVER_GRACE_MS)
    if (leftover !== undefined)
      log.warn({ process: name, pid: leftover }, 'ended a process left by an earlier run')
    await rotateIfLarge(consoleFile, CONSOLE_BYTES_MAX)
    const command = await this.#options.command()
    if (this.#state.name !== 'starting') return undefined
    const child = this.#launch(guarded(command, this.#options.background ? 0 : GUARDIAN_GRACE_SECONDS))
    const exit = exitOf(child)
    this.#child = child
    const how = await this.#attend(child, exit, generation)
    await rm(pidFile, { force: true })
    log.debug({ process: name, ...how }, 'process ended')
    return how
  }

  async #attend(child: ChildProcess, exit: Promise<ProcessExit>, generation: number): Promise<ProcessExit> {
    try {
      if (child.pid !== undefined) await writePidFile(this.#options.pidFile, child.pid)
    } catch (error) {
      // Without its pid file a later kmc could not find it: better none than one that cannot be found.
      child.kill('SIGKILL')
      await exit
      throw error
    }
    void this.#probeUntilAnswered(generation)
    return exit
  }

  #launch(command: ProcessCommand): ChildProcess {
    const output = openSync(this.#options.consoleFile, 'a')
    try {
      const child = spawn(command.file, command.args, {
        stdio: ['ignore', output, output, 'pipe'],
        env: { ...command.env },
        ...(command.directory === undefined ? {} : { cwd: command.directory }),
        // A session of its own: Ctrl-C in the terminal must reach the supervisor alone, which stops things in
        // order.
        detached: true,
      })
      // The pipe breaks when the process dies first; its end is reported by `exit`.
      child.stdio[GUARDIAN_FD]?.on('error', () => {})
      child.once('exit', () => dismissGuardian(child))
      if (this.#options.background) putInBackground(child)
      return child
    } finally {
      closeSync(output)
    }
  }

  async #probeUntilAnswered(generation: number): Promise<void> {
    const options = this.#options.background ? { ref: false } : {}
    const wanted = () => generation === this.#generation && this.#state.name === 'starting' && this.#child
    while (wanted()) {
      if ((await this.#probeOnce()) && wanted()) return this.#dispatch({ type: 'answered' })
      await sleep(PROBE_INTERVAL_MS, undefined, options)
    }
  }

  async #probeOnce(): Promise<boolean> {
    const abort = new AbortController()
    const late = sleep(PROBE_TIMEOUT_MS, false, { ref: false, signal: abort.signal }).catch(() => false)
    try {
      return await Promise.race([this.#options.probe(), late])
    } catch (error) {
      this.#options.log.debug({ process: this.#options.name, error: messageOf(error) }, 'does not answer yet')
      return false
    } finally {
      abort.abort()
    }
  }
}

function exitOf(child: ChildProcess): Promise<ProcessExit> {
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code, signal) => resolve({ code, signal }))
  })
}

function putInBackground(child: ChildProcess): void {
  child.unref()
  const pipe = child.stdio[GUARDIAN_FD]
  if (pipe instanceof Socket) pipe.unref()
  if (child.pid !== undefined) setPriority(child.pid, constants.priority.PRIORITY_LOW)
}
