import type { ConsumedRecord } from '../../client/records/read-topic.ts'
import type { Subject } from '../expression/evaluate.ts'
import { parsedJson, sizeOf } from './shown.ts'

/** A record as filters see it; what a filter does not name is not computed. */
export class RecordSubject implements Subject {
  readonly #record: ConsumedRecord

  constructor(record: ConsumedRecord) {
    this.#record = record
  }

  get key(): unknown {
    return readable(this.#record.key)
  }

  get value(): unknown {
    return readable(this.#record.value)
  }

  get headers(): Readonly<Record<string, unknown>> {
    return Object.fromEntries(this.#record.headers.map(({ key, value }) => [String(key), readable(value)]))
  }

  get offset(): number {
    return this.#record.offset
  }

  get partition(): number {
    return this.#record.partition
  }

  get timestamp(): number {
    return this.#record.timestamp
  }

  get size(): number {
    return sizeOf(this.#record)
  }
}

/** JSON as what it says, anything else as text. */
function readable(bytes: Buffer | null): unknown {
  return bytes === null ? null : (parsedJson(bytes) ?? bytes.toString('utf8'))
}
