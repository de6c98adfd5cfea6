import { dirname, resolve } from 'node:path'
import { readApplied, rememberedPorts } from '../file/applied.ts'
import type { LoadedFleet } from '../file/fleet.ts'
import { type LoadFileOptions, loadFleet } from '../file/load.ts'

/** Loads a fleet file; managed clusters keep the ports they had. @throws FLEET_FILE_…, FLEET_RECORD_INVALID */
export async function openFleet(path: string, options: LoadFileOptions = {}): Promise<LoadedFleet> {
  const applied = await readApplied(dirname(resolve(path)))
  return await loadFleet(path, { rememberedPorts: rememberedPorts(applied), ...options })
}
