import { KmcError, messageOf } from '../../base/error.ts'

/** What the doctor says about one thing. `warning`: works now, or is not needed now. */
export type Finding = {
  readonly check: string
  readonly state: 'ok' | 'warning' | 'failed'
  readonly detail: string
  readonly remedy: string | null
  /** Numbers and names for `-o json`. */
  readonly facts: Readonly<Record<string, unknown>>
}

export function ok(check: string, detail: string, facts: Finding['facts'] = {}): Finding {
  return { check, state: 'ok', detail, remedy: null, facts }
}

export function warning(
  check: string,
  detail: string,
  remedy: string,
  facts: Finding['facts'] = {},
): Finding {
  return { check, state: 'warning', detail, remedy, facts }
}

export function failed(check: string, detail: string, remedy: string, facts: Finding['facts'] = {}): Finding {
  return { check, state: 'failed', detail, remedy, facts }
}

/** A finding from an error that a check ran into; `state` says how bad that is here. */
export function fromError(check: string, error: unknown, state: 'warning' | 'failed' = 'failed'): Finding {
  const remedy = error instanceof KmcError ? (error.remedy ?? null) : null
  const facts = error instanceof KmcError ? { code: error.code, ...error.context } : {}
  return { check, state, detail: messageOf(error), remedy, facts }
}
