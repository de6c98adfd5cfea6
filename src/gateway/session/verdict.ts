import type { AnswerChange } from './owed.ts'

/** What becomes of a request. */
export type Verdict =
  /** It goes to the broker, as `frame` if that is given; `change` is applied to its answer. */
  | { readonly kind: 'pass'; readonly frame?: Buffer; readonly change?: AnswerChange }
  /** It waits, and with it all that follows on its connection. */
  | { readonly kind: 'park' }
  /** The gateway answers. */
  | { readonly kind: 'answer'; readonly frames: readonly Buffer[] | Promise<readonly Buffer[]> }

/** The same for a Produce request, of which only the head is known; `refuse` carries Kafka's error code. */
export type ProduceVerdict =
  | { readonly kind: 'pass' }
  | { readonly kind: 'park' }
  | { readonly kind: 'refuse'; readonly code: number }

export const PASS = { kind: 'pass' } as const
export const PARK = { kind: 'park' } as const
