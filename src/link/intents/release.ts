import type { Mirror } from '../mirrors/mirror.ts'
import { releasedSettings } from '../mirrors/release.ts'
import type { Household } from './household.ts'

/** Gives a topic that is a mirror no longer the settings of its source in place of those that a mirror holds. */
export async function release(
  mirror: Mirror,
  { destination }: Pick<Household, 'destination'>,
): Promise<void> {
  const present = (await destination.configs([mirror.name])).get(mirror.name) ?? {}
  await destination.changeConfigs(mirror.name, releasedSettings(mirror.withheld, present))
}
