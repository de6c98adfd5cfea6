/** How a supervised process is started, restarted and stopped. All times are milliseconds. */
export type LifecyclePolicy = {
  /** From spawn to the first answer. */
  readonly startDeadlineMs: number
  /** From TERM to KILL. */
  readonly stopDeadlineMs: number
  /** First wait before a restart; doubles with each crash in the window. */
  readonly backoffMinMs: number
  readonly backoffMaxMs: number
  /** More crashes than this within the window are a crash loop. */
  readonly crashesMax: number
  readonly crashWindowMs: number
}

export const defaultPolicy: LifecyclePolicy = {
  startDeadlineMs: 60_000,
  stopDeadlineMs: 20_000,
  backoffMinMs: 250,
  backoffMaxMs: 15_000,
  crashesMax: 6,
  crashWindowMs: 180_000,
}

export type LifecycleState =
  | { readonly name: 'stopped' }
  /**
   * Spawned, does not answer yet. `first`: it has not answered since the operator asked for it. `overdue`:
   * killed for that.
   */
  | {
      readonly name: 'starting'
      readonly first: boolean
      readonly overdue: boolean
      readonly crashesMs: readonly number[]
    }
  | { readonly name: 'running'; readonly crashesMs: readonly number[] }
  /** Ended by itself; will be started again when the timer fires. */
  | { readonly name: 'waiting'; readonly crashesMs: readonly number[]; readonly reason: string }
  /** TERM or KILL was sent; `then` is what follows its end. */
  | { readonly name: 'stopping' }
  /** Given up: it did not come up at first, or it is in a crash loop. */
  | { readonly name: 'failed'; readonly reason: string }

export type LifecycleEvent =
  | { readonly type: 'start' }
  | { readonly type: 'answered' }
  | { readonly type: 'exited'; readonly reason: string; readonly atMs: number }
  | { readonly type: 'timer' }
  | { readonly type: 'stop' }

export type LifecycleEffect =
  | { readonly type: 'spawn' }
  | { readonly type: 'signal'; readonly signal: 'SIGTERM' | 'SIGKILL' }
  /** Replaces the one timer; null clears it. */
  | { readonly type: 'timer'; readonly afterMs: number | null }

export type LifecycleStep = { readonly state: LifecycleState; readonly effects: readonly LifecycleEffect[] }

/** The whole of supervision as a pure function: what happens to a process in `state` when `event` occurs. */
export function lifecycleStep(
  state: LifecycleState,
  event: LifecycleEvent,
  policy: LifecyclePolicy,
): LifecycleStep {
  switch (event.type) {
    case 'start':
      return onStart(state, policy)
    case 'answered':
      return onAnswered(state)
    case 'exited':
      return onExited(state, event, policy)
    case 'timer':
      return onTimer(state, policy)
    case 'stop':
      return onStop(state, policy)
  }
}

function onStart(state: LifecycleState, policy: LifecyclePolicy): LifecycleStep {
  if (state.name !== 'stopped' && state.name !== 'failed') return stay(state)
  return spawn({ name: 'starting', first: true, overdue: false, crashesMs: [] }, policy)
}

function onAnswered(state: LifecycleState): LifecycleStep {
  if (state.name !== 'starting') return stay(state)
  return {
    state: { name: 'running', crashesMs: state.crashesMs },
    effects: [{ type: 'timer', afterMs: null }],
  }
}

function onExited(
  state: LifecycleState,
  event: { readonly reason: string; readonly atMs: number },
  policy: LifecyclePolicy,
): LifecycleStep {
  if (state.name === 'stopping') return rest({ name: 'stopped' })
  if (state.name !== 'starting' && state.name !== 'running') return stay(state)
  const { atMs } = event
  const overdue = state.name === 'starting' && state.overdue
  const reason = overdue
    ? `gave no answer within ${policy.startDeadlineMs / 1000} s and was killed`
    : event.reason
  if (state.name === 'starting' && state.first) return rest({ name: 'failed', reason })
  const crashesMs = [...state.crashesMs.filter((at) => at > atMs - policy.crashWindowMs), atMs]
  if (crashesMs.length > policy.crashesMax) {
    const seconds = Math.round(policy.crashWindowMs / 1000)
    return rest({
      name: 'failed',
      reason: `ended ${crashesMs.length} times within ${seconds} s, the last time: ${reason}`,
    })
  }
  const afterMs = Math.min(policy.backoffMaxMs, policy.backoffMinMs * 2 ** (crashesMs.length - 1))
  return { state: { name: 'waiting', crashesMs, reason }, effects: [{ type: 'timer', afterMs }] }
}

function onTimer(state: LifecycleState, policy: LifecyclePolicy): LifecycleStep {
  switch (state.name) {
    case 'waiting':
      return spawn({ name: 'starting', first: false, overdue: false, crashesMs: state.crashesMs }, policy)
    case 'starting':
      // It hangs: its end arrives as `exited` and is counted there.
      return { state: { ...state, overdue: true }, effects: [{ type: 'signal', signal: 'SIGKILL' }] }
    case 'stopping':
      return { state, effects: [{ type: 'signal', signal: 'SIGKILL' }] }
    default:
      return stay(state)
  }
}

function onStop(state: LifecycleState, policy: LifecyclePolicy): LifecycleStep {
  switch (state.name) {
    case 'starting':
    case 'running':
      return {
        state: { name: 'stopping' },
        effects: [
          { type: 'signal', signal: 'SIGTERM' },
          { type: 'timer', afterMs: policy.stopDeadlineMs },
        ],
      }
    case 'waiting':
    case 'failed':
      return rest({ name: 'stopped' })
    default:
      return stay(state)
  }
}

function spawn(state: LifecycleState, policy: LifecyclePolicy): LifecycleStep {
  return { state, effects: [{ type: 'spawn' }, { type: 'timer', afterMs: policy.startDeadlineMs }] }
}

function rest(state: LifecycleState): LifecycleStep {
  return { state, effects: [{ type: 'timer', afterMs: null }] }
}

function stay(state: LifecycleState): LifecycleStep {
  return { state, effects: [] }
}
