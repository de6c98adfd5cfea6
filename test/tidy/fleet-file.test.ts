import { test } from 'node:test'
import { fleetJsonSchema } from '../../src/fleet/file/json-schema.ts'
import { fleetFileReference } from '../../src/fleet/file/reference.ts'
import { assertGenerated } from '../kit/golden.ts'

test('docs/reference/fleet-file.md says what the schema of the fleet file says', () => {
  assertGenerated('docs/reference/fleet-file.md', fleetFileReference())
})

test('docs/reference/fleet.schema.json is the schema that judges the fleet file', () => {
  assertGenerated('docs/reference/fleet.schema.json', `${JSON.stringify(fleetJsonSchema(), null, 2)}\n`)
})
