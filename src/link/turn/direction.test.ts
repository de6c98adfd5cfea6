import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LinkSpec } from '../spec.ts'
import type { DirectionRecord } from '../state/records.ts'
import { StateView } from '../state/view.ts'
import { newestDirection, runsElsewhere, turned } from './direction.ts'

function told(epoch: number, toClusterId: string): StateView {
  const view = new StateView()
  const record: DirectionRecord = { link: 'dr', epoch, fromClusterId: 'x', toClusterId, at: 0 }
  view.apply({ kind: 'direction', name: 'dr', record })
  return view
}

test('the higher epoch counts, whichever cluster tells it, and one that tells nothing hinders nobody', () => {
  assert.equal(newestDirection('dr', [null, new StateView()]), null)
  assert.equal(newestDirection('dr', [told(2, 'a'), told(3, 'b')])?.toClusterId, 'b')
  assert.equal(newestDirection('dr', [told(3, 'b'), told(2, 'a')])?.toClusterId, 'b')
  assert.equal(newestDirection('other', [told(3, 'b')]), null)
})

test('a link that was never turned runs as declared', () => {
  assert.equal(runsElsewhere(null, 'a'), false)
  assert.equal(runsElsewhere(newestDirection('dr', [told(1, 'a')]), 'a'), false)
  assert.equal(runsElsewhere(newestDirection('dr', [told(1, 'a')]), 'b'), true)
})

test('a late write of an older turn changes nothing', () => {
  const view = told(2, 'a')
  view.apply({
    kind: 'direction',
    name: 'dr',
    record: { ...view.direction('dr')!, epoch: 1, toClusterId: 'b' },
  })
  assert.equal(view.direction('dr')?.toClusterId, 'a')
})

test('only the declared destination hands out higher producer ids: with both raised they would be the same again', () => {
  const [seoul, tokyo] = ['seoul', 'tokyo'].map((name) => ({ name, bootstrap: [] }))
  const spec = { name: 'dr', source: seoul!, destination: tokyo!, topics: ['*'], groups: [], prefix: '' }
  const back = turned({ ...spec, start: { at: 'earliest' }, producerIdsFrom: 200_000 } as LinkSpec)
  assert.deepEqual([back.source, back.destination, back.producerIdsFrom], [tokyo, seoul, undefined])
})
