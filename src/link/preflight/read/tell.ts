import { KmcError, messageOf } from '../../../base/error.ts'
import { KafkaError } from '../../../client/errors.ts'
import type { Told } from '../facts.ts'

/** Reads one fact; a cluster that does not give it leaves the fact unknown. */
export async function tell<T>(read: () => Promise<T>): Promise<Told<T>> {
  try {
    return { told: true, value: await read() }
  } catch (error) {
    if (!(error instanceof KmcError)) throw error
    return { told: false, why: error instanceof KafkaError ? error.kafkaName : messageOf(error) }
  }
}
