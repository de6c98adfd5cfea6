import { type Step, stepOf, type Verb } from '../mirrors/life.ts'
import type { MirrorRecord } from '../state/records.ts'
import type { MirrorState, MirrorStatus } from '../status.ts'

/** What a verb would do to one mirror now; the worker, which knows more, has the last word. */
export type VerbPreview = Pick<MirrorRecord, 'topic' | 'mirror'> & {
  readonly state: MirrorState
  /** null where it would not change. */
  readonly becomes: MirrorState | null
  readonly isRefused: boolean
  /** Ends a sentence that names the mirror; null where nothing stands in the way. */
  readonly why: string | null
}

/** What cannot be taken back of a verb; null where everything can. */
export const verbWarnings: Readonly<Record<Verb, string | null>> = {
  pause: null,
  resume: null,
  promote: 'The link never writes to them again',
  failover: 'The link never writes to them again, and what has not arrived from the source is missing',
}

/** `status`: as a worker tells it, where one does; it knows of faults. */
export function previewOf(
  verb: Verb,
  { topic, mirror, state: noted }: MirrorRecord,
  status: Pick<MirrorStatus, 'state'> | null,
): VerbPreview {
  const state = noted === 'active' && status?.state === 'faulted' ? 'faulted' : noted
  const step: Step = stepOf(state, verb)
  const becomes = step.kind === 'change' ? step.to : null
  const why = step.kind === 'change' ? null : step.why
  return { topic, mirror, state, becomes, isRefused: step.kind === 'refused', why }
}
