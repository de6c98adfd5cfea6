import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { KmcError } from '../../../src/base/error.ts'
import { mutate } from './mutate.ts'
import { Random } from './random.ts'

/** One thing to be fuzzed: sound inputs, and what is done with each damaged one. */
export type FuzzTarget = {
  readonly corpus: readonly Buffer[]
  readonly consume: (bytes: Buffer, index: number) => void
}

/** How long each fuzz test runs; the release run sets minutes. */
const SECONDS = Number(process.env.KMC_FUZZ_SECONDS ?? 1)
const SEED = Number(process.env.KMC_FUZZ_SEED ?? Date.now() % 2 ** 31)

/** Of processor time: on a busy machine the clock says nothing. */
const INPUT_MS_MAX = 1000
const MIB = 1024 * 1024
const MEASURED_EVERY = 16

/**
 * Feeds damaged inputs to the target until the time is up. Every input must end within a second, in success or
 * in a KmcError whose code `codes` knows, and without holding more memory than `bytesMax`.
 */
export function fuzz(context: TestContext, target: FuzzTarget, codes: object, bytesMax = 8 * MIB): void {
  const random = new Random(SEED)
  const until = performance.now() + SECONDS * 1000
  let inputs = 0
  let refused = 0
  while (performance.now() < until) {
    const index = random.below(target.corpus.length)
    const input = mutate(random, target.corpus[index]!, random.pick(target.corpus))
    const memory = inputs % MEASURED_EVERY === 0 ? process.memoryUsage().arrayBuffers : undefined
    const from = process.cpuUsage()
    if (!survives(() => target.consume(input, index), codes, input)) refused++
    const { user, system } = process.cpuUsage(from)
    const tookMs = (user + system) / 1000
    assert.ok(tookMs < INPUT_MS_MAX, `${Math.round(tookMs)} ms for ${describe(input)}`)
    if (memory !== undefined) {
      const grown = process.memoryUsage().arrayBuffers - memory
      assert.ok(grown < bytesMax, `${grown} bytes held for ${describe(input)}`)
    }
    inputs++
  }
  context.diagnostic(`${inputs} inputs, ${refused} refused, seed ${SEED}`)
  assert.ok(inputs > 0)
}

/** Whether the input was taken; anything thrown but an expected KmcError fails the test with the input. */
function survives(consume: () => void, codes: object, input: Buffer): boolean {
  try {
    consume()
    return true
  } catch (error) {
    if (error instanceof KmcError && error.code in codes) return false
    throw new Error(`unexpected ${String(error)} for ${describe(input)}`, { cause: error })
  }
}

function describe(input: Buffer): string {
  return `seed ${SEED}, input ${input.toString('hex')}`
}
