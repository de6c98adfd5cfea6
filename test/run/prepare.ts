import { KmcError } from '../../src/base/error.ts'
import { cacheDirectory } from '../../src/engine/cache-directory.ts'
import { findJava } from '../../src/engine/java.ts'
import { ensureKafka } from '../../src/engine/kafka/jars.ts'

/** Kafka versions that the real suites start. */
const versions = ['4.3.1', '3.9.2'] as const

/**
 * Fetches what real brokers are made of before the first suite, so that a download is seen and no test's time goes into
 * it. Returns why brokers cannot be started here, with what to do; null when they can.
 */
export async function prepareBrokers(
  onProgress: (text: string) => void,
  signal: AbortSignal,
): Promise<string | null> {
  try {
    await findJava()
    for (const version of versions) {
      await ensureKafka(
        { version },
        {
          cacheDirectory: cacheDirectory(),
          progress: ({ text, done }) => onProgress(done === undefined ? text : `${text}: ${done} files`),
          signal,
        },
      )
    }
    return null
  } catch (error) {
    if (signal.aborted) return 'Not run: the whole run was ended before.'
    if (!(error instanceof KmcError)) throw error
    return `${error.message} [${error.code}]${error.remedy === undefined ? '' : `\n→ ${error.remedy}`}`
  }
}
