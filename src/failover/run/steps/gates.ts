import { warm as warmCluster } from '../../../gateway/warm.ts'
import { failoverError } from '../../errors.ts'
import { missingText, toPhase } from '../phase.ts'
import { lookForPlaces } from '../places.ts'
import type { Scene, Step } from '../scene.ts'

/** More stand in no record of a run; a switchover waits for the others, and is taken back. */
const LEAVES_MAX = 1_000

/** For so long the gateways hand transactional producers over, before writes are held. */
const HAND_OVER_MS = 600

/** The target's coordinators exist and answer: clients come all at once. */
export const warm: Step = async (scene) => {
  const { target, course } = scene
  if (course.kind === 'switchover') scene.memo = { ...scene.memo, leaves: await leavesOf(scene) }
  await warmCluster(target.cluster)
  return `the coordinators of ${course.to} answer`
}

/** Topics that the link is to keep and does not, as the plan has accepted: they are not waited for. */
async function leavesOf(scene: Scene): Promise<string[]> {
  return [...(await lookForPlaces(scene)).topics].slice(0, LEAVES_MAX)
}

/** Members of groups commit and stop reading, so that nothing is read twice. What does not give way reads again. */
export const yieldGroups: Step = async (scene) => {
  const answers = await toPhase(scene, 'yielding')
  return answers.missing.size === 0 ? 'all members gave way' : `members that did not: ${missingText(answers)}`
}

export const handOver: Step = async (scene) => {
  await toPhase(scene, 'handing-over')
  await scene.clock.sleep(HAND_OVER_MS, scene.signal)
  return 'transactional producers that committed are known on both sides'
}

/** From here on clients wait. A transaction that stays open would be torn, so it calls the whole thing off. */
export const fence: Step = async (scene) => {
  scene.memo = { ...scene.memo, heldFrom: scene.memo.heldFrom ?? scene.clock.now() }
  const answers = await toPhase(scene, 'fenced')
  if (answers.missing.size === 0) return 'writes are held'
  const message = `route ${scene.course.route}: writes could not be held: ${missingText(answers)}`
  throw failoverError('FAILOVER_NOT_DRAINED', message)
}

export const freeze: Step = async (scene) => {
  const answers = await toPhase(scene, 'frozen')
  return answers.missing.size === 0 ? 'groups and transactions are held' : missingText(answers)
}

/** Requests whose answers are still owed then are lost with their connection, as when a broker restarts. */
export const park: Step = async (scene) => {
  scene.memo = { ...scene.memo, heldFrom: scene.memo.heldFrom ?? scene.clock.now() }
  const answers = await toPhase(scene, 'parked')
  return answers.missing.size === 0 ? 'everything is held' : `closed: ${missingText(answers)}`
}
