import assert from 'node:assert/strict'
import { type Asked, askOfMirrors, rememberedLink } from '../../src/link/intents/request.ts'
import type { LinkSpec } from '../../src/link/spec.ts'
import type { RepairChoice } from '../../src/link/state/intents.ts'
import type { JavaClient } from './java/client.ts'
import { assertSameOnBothSides, awaitInStep, type Sides } from './links.ts'

const PATIENCE_MS = 90_000

/** Repairs a mirror as `kmc mirror repair` does, and waits for what the worker answers. */
export async function repairMirror(
  { name, destination }: LinkSpec,
  topic: string,
  choice: RepairChoice,
): Promise<Asked> {
  const { mirrors } = await rememberedLink(destination, name)
  const { mirrorTopicId } = mirrors.find((mirror) => mirror.topic === topic)!
  const wish = { verb: 'repair', choice, partitions: null, mirrorTopicId } as const
  const signal = AbortSignal.timeout(PATIENCE_MS)
  const options = { timeoutMs: PATIENCE_MS, signal, onProgress() {} }
  const [asked] = await askOfMirrors(destination, name, [{ topic, wish }], options)
  return asked!
}

/** Repairs it, and fails unless both sides are equal afterwards, as a foreign reader sees them. */
export async function repairAndCompare(
  java: JavaClient,
  spec: LinkSpec,
  sides: Sides,
  choice: RepairChoice,
): Promise<void> {
  const asked = await repairMirror(spec, sides.topic, choice)
  assert.equal(asked.outcome, 'done', asked.text)
  await awaitInStep(java, sides)
  await assertSameOnBothSides(java, sides)
}
