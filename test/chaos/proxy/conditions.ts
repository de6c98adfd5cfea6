/** What one direction of a proxied network path does to the bytes that pass. */
export type Conditions = {
  /** Nothing passes; what was sent arrives when the path is free again, as TCP would send it again. */
  readonly held: boolean
  readonly delayMs: number
  /** Up to this much more, drawn for each chunk. */
  readonly jitterMs: number
  readonly bytesPerSecond: number
}

export const calm: Conditions = { held: false, delayMs: 0, jitterMs: 0, bytesPerSecond: Infinity }

export type Direction = 'toBroker' | 'fromBroker'
export const directions: readonly Direction[] = ['toBroker', 'fromBroker']
