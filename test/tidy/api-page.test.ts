import { test } from 'node:test'
import type { TableParts } from '../../src/server/tables.ts'
import { allRoutes } from '../../src/server/tables.ts'
import { assertGenerated } from '../kit/golden.ts'
import { apiPage } from './pages/api-page.ts'

test('docs/reference/api.md says what the table of routes says', () => {
  // Rows are made without a look at what they will work with.
  assertGenerated('docs/reference/api.md', apiPage(allRoutes({} as TableParts)))
})
