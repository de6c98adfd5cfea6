import type { SessionState } from '../session-options.ts'
import type { StateChange } from './records.ts'
import type { StateView } from './view.ts'

/** The part of the store that a session needs. */
export type SessionStore = {
  readonly view: StateView
  append(change: StateChange): Promise<void>
  appendAll(changes: readonly StateChange[]): Promise<void>
  /** Reads to the end of the log. */
  refresh(): Promise<void>
}

/** What a session of the link reads and writes of `__kmc_state`, on its store. */
export function sessionStateOn(store: SessionStore, name: string): SessionState {
  return {
    mirror: (topic) => store.view.mirror(name, topic),
    mirrors: () => store.view.mirrors(name),
    saveMirror: (record) => store.append({ kind: 'mirror', name, topic: record.topic, record }),
    forgetMirror: (topic) => store.appendAll(endOfMirror(store.view, name, topic)),
    findings: () => store.view.findings(name),
    saveFinding: ({ topic, partition }, record) =>
      store.append({ kind: 'finding', name, topic, partition, record }),
    epochs: (at) => store.view.epochs(name, at),
    saveEpochs: (changes) => store.appendAll(changes),
    refresh: () => store.refresh(),
  }
}

/** Ends what is known of the mirror of a topic. */
export function endOfMirror(view: StateView, name: string, topic: string): StateChange[] {
  return [{ kind: 'mirror', name, topic, record: null }, ...view.endOfEpochs(name, topic)]
}
