import { type ErrorOptions, KmcError } from '../base/error.ts'

export const observeErrors = {
  CLUSTER_BUSY: {
    title: 'Too many questions wait for one cluster',
    remedy: 'Ask again in a moment; a cluster that stays busy answers slowly, and its own page says why.',
    retriable: true,
  },
  FILTER_INVALID: {
    title: 'A filter of records cannot be understood',
    remedy:
      'Write comparisons such as `value.status == "paid" && key startsWith "kr-"`; docs/guide/browse.md has all of it.',
    retriable: false,
  },
  CURSOR_INVALID: {
    title: 'The mark of the next page is not one that was given out for this question',
    remedy: 'Begin without a cursor.',
    retriable: false,
  },
  HISTORY_IN_USE: {
    title: 'Another process writes the history of lags',
    remedy: 'Only one kmc per project keeps it: stop the other one, or let this one go without.',
    retriable: false,
  },
  ALERT_RECEIVER_INVALID: {
    title: 'A receiver of alerts is declared in a way that cannot work, or is not safe',
    remedy: 'Correct what the message names; docs/guide/alerts.md shows each kind of receiver.',
    retriable: false,
  },
  ALERT_NOT_DELIVERED: {
    title: 'A receiver of alerts did not take one',
    remedy: 'Look at the receiver; kmc tries again for an hour where that can help.',
    retriable: false,
  },
} as const

export type ObserveErrorCode = keyof typeof observeErrors

/** An error of this room; the table's remedy is used where the call names none. */
export function observeError(code: ObserveErrorCode, message: string, options: ErrorOptions = {}): KmcError {
  const { remedy, retriable } = observeErrors[code]
  return new KmcError(code, message, { remedy, retriable, ...options })
}
