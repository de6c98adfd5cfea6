import { setTimeout as sleep } from 'node:timers/promises'
import { waitUntil } from '../../harness/wait.ts'
import { drawMs, type Fault } from './fault.ts'

const STANDS_MS = 120_000

/** Fills the disk of the destination, awaits that the link says it stands, and frees it. */
export const fullDisk: Fault = {
  name: 'full-disk',
  draw(random) {
    const moreMs = drawMs(random, 0, 3_000)
    return {
      label: `${moreMs} ms beyond the fault`,
      async run({ kmcs, disk, destination }, { noted }) {
        // The run has said that it is skipped.
        if (disk === null) return
        disk.fill()
        try {
          const says = async () => {
            if (destination.cluster.isWhole) return null
            const statuses = await Promise.all(kmcs.map((kmc) => kmc.status()))
            const partitions = statuses
              .flatMap((status) => status?.mirrors ?? [])
              .flatMap((one) => one.partitions)
            return [...statuses, ...partitions].find((one) => one?.fault)?.fault
          }
          const options = { withinMs: STANDS_MS, everyMs: 500 }
          const { code, message } = (await waitUntil('the link says that it stands', says, options))!
          noted(`full-disk: ${code}: ${message.replaceAll(/\s+/g, ' ')}`)
          await sleep(moreMs)
        } finally {
          disk.free()
        }
        await destination.cluster.awaitWhole(STANDS_MS)
      },
    }
  },
}
