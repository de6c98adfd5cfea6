/** Where the engine tells what happens. A `Log` of base fits. */
export type EngineLog = {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

/** One thing that takes longer than a moment and that the operator should see. */
export type EngineProgress = {
  readonly step: 'jars' | 'format' | 'certificates' | 'start' | 'archive'
  /** A sentence without a full stop, e.g. `Fetching Kafka 4.3.1`. */
  readonly text: string
  /** How much is done, where it can be counted: files for `jars`, brokers for `start`. */
  readonly done?: number
  readonly total?: number
}

export type ProgressListener = (progress: EngineProgress) => void
