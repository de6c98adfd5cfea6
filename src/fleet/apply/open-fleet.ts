import { dirname, resolve } from 'node:path'
import { fleetError } from '../errors.ts'
import { type AppliedFleet, readApplied, rememberedPorts } from '../file/applied.ts'
import type { LoadedFleet } from '../file/fleet.ts'
import { type LoadFileOptions, loadFleet } from '../file/load.ts'

/** Loads a fleet file; managed clusters keep the ports they had. @throws FLEET_FILE_…, FLEET_RECORD_… */
export async function openFleet(path: string, options: LoadFileOptions = {}): Promise<LoadedFleet> {
  const applied = await readApplied(dirname(resolve(path)))
  const loaded = await loadFleet(path, { rememberedPorts: rememberedPorts(applied), ...options })
  if (applied !== null && applied.fleet !== loaded.fleet.name) throw otherFleet(loaded, applied)
  return loaded
}

/** What was applied here belongs to another file: taking it for this one's would end that fleet's links. */
function otherFleet({ fleet, file, directory }: LoadedFleet, applied: AppliedFleet) {
  const message = `${file} declares fleet ${fleet.name}, and ${directory}/.kmc holds fleet ${applied.fleet}`
  return fleetError('FLEET_FOLDER_TAKEN', message, { context: { fleet: fleet.name, holds: applied.fleet } })
}
