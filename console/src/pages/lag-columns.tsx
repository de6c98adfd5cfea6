import type { Lag } from '../../../src/link/status.ts'
import { Known } from '../parts/basics.tsx'
import { duration, shortCount } from '../parts/format.ts'
import type { Column } from '../parts/table.tsx'

const notSeen = 'one of the two ends was not seen yet'

/** How far something is behind, in records and in seconds. */
export const lagColumns: readonly Column<{ readonly lag: Lag }>[] = [
  {
    ...{ title: 'Records behind', isNumber: true, by: ({ lag }) => lag.records },
    cell: ({ lag }) => <Known value={lag.records} why={notSeen} as={shortCount} />,
  },
  {
    ...{ title: 'Seconds behind', isNumber: true, by: ({ lag }) => lag.seconds },
    cell: ({ lag }) => <Known value={lag.seconds} why={notSeen} as={duration} />,
  },
]
