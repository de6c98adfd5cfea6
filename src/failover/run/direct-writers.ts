import { messageOf } from '../../base/error.ts'
import type { DirectWriter } from '../fence/direct-writers.ts'
import type { Scene } from './scene.ts'

/** Looks who has written past the route since it was fenced, and remembers it for the receipt. */
export async function noteDirectWriters(scene: Scene): Promise<readonly DirectWriter[]> {
  const { watch, log, course } = scene
  if (watch === null) return []
  try {
    const directWriters = [...(await watch.look())]
    scene.memo = { ...scene.memo, directWriters }
    return directWriters
  } catch (error) {
    log.warn({ route: course.route, why: messageOf(error) }, 'direct writers were not looked for')
    return []
  }
}
