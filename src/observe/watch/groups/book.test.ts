import assert from 'node:assert/strict'
import { beforeEach, describe, test } from 'node:test'
import type { ListedGroup } from '../../../client/admin/list-groups.ts'
import { ClientError } from '../../../client/errors.ts'
import { Breather } from '../breather.ts'
import type { GroupView } from '../view.ts'
import { GroupBook } from './book.ts'

const NOW = 1_000_000_000
const SECOND = 1_000

let book: GroupBook
beforeEach(() => {
  book = new GroupBook()
})

function listed(groupId: string, more: Partial<ListedGroup> = {}): ListedGroup {
  return { groupId, protocolType: 'consumer', state: 'Stable', type: 'classic', coordinator: 1, ...more }
}

function list(at: number, ...groups: ListedGroup[]): void {
  book.listed({ groups, failures: [] }, at)
}

function commit(groupId: string, offset: number | null, at: number, isPast = false): void {
  book.committed(
    { groupId, topic: 'orders', partition: 0, offset, committedAt: null },
    { at, now: at, isPast },
  )
}

function ends(end: number, at: number): void {
  for (const log of book.logs()) log.ended(end, at)
}

async function view(groupId: string, now = NOW): Promise<GroupView | undefined> {
  return (await book.views(now, new Breather())).get(groupId)
}

describe('who is followed', () => {
  test('what is not in the list is gone, unless its coordinator did not answer', async () => {
    list(NOW, listed('one'), listed('two', { coordinator: 2 }))
    const error = new ClientError('CONNECTION_REFUSED', 'no')
    book.listed({ groups: [], failures: [{ node: 2, error }] }, NOW + 1)
    assert.deepEqual([...(await book.views(NOW, new Breather())).keys()], ['two'])
  })

  test('a group that has committed since the list was asked for stays until the next', async () => {
    commit('new', 5, NOW + 1)
    list(NOW)
    assert.notEqual(book.group('new'), undefined)
    assert.equal(await view('new'), undefined, 'it is not shown before it is listed')
    list(NOW + 2)
    assert.equal(book.group('new'), undefined)
  })

  test('the past brings no group back', () => {
    commit('gone', 5, NOW, true)
    commit('gone', null, NOW)
    assert.equal(book.group('gone'), undefined)
  })
})

describe('what has to be asked', () => {
  const names = (groups: readonly { readonly groupId: string }[]) => groups.map(({ groupId }) => groupId)

  test('members of what is new, has changed its state, or was asked half a minute ago', () => {
    list(NOW, listed('one'))
    assert.deepEqual(names(book.toDescribe(NOW)), ['one'])
    book.group('one')!.describedAt = NOW
    assert.deepEqual(names(book.toDescribe(NOW + 29 * SECOND)), [])
    assert.deepEqual(names(book.toDescribe(NOW + 30 * SECOND)), ['one'])
    list(NOW + SECOND, listed('one', { state: 'Empty' }))
    assert.deepEqual(names(book.toDescribe(NOW + SECOND)), ['one'])
    book.group('one')!.describedAt = NOW
    assert.deepEqual(names(book.toDescribe(NOW + 60 * SECOND)), [], 'nobody is in there')
  })

  test('positions of what is new, has committed, or was asked half a minute ago', () => {
    list(NOW, listed('one'))
    assert.deepEqual(names(book.toPosition(NOW)), ['one'])
    book.group('one')!.positioned([], { askedAt: NOW, now: NOW, isPolled: false })
    assert.deepEqual(names(book.toPosition(NOW + SECOND)), [])
    commit('one', 5, NOW + SECOND)
    assert.deepEqual(names(book.toPosition(NOW + SECOND)), ['one'])
    book.group('one')!.positioned([], { askedAt: NOW + SECOND, now: NOW + SECOND, isPolled: false })
    book.isPolled = true
    assert.deepEqual(names(book.toPosition(NOW + SECOND)), ['one'], 'when commits cannot be seen')
  })
})

describe('where a group stands', () => {
  const at = (offset: number) => ({ topic: 'orders', partition: 0, offset, leaderEpoch: -1, metadata: null })

  beforeEach(() => list(NOW, listed('one')))

  test('is what it committed, with the lag of it', async () => {
    commit('one', 5, NOW)
    ends(8, NOW)
    const group = await view('one')
    assert.equal(group?.lag.records, 3)
    assert.equal(group?.partitions[0]?.position, 5)
    assert.equal(group?.lastCommitAt, NOW)
  })

  test('is not set back by an answer that was on its way meanwhile', async () => {
    commit('one', 7, NOW + 10)
    book.group('one')!.positioned([at(5)], { askedAt: NOW, now: NOW + 20, isPolled: false })
    assert.equal((await view('one'))?.partitions[0]?.position, 7)
    book.group('one')!.positioned([at(5)], { askedAt: NOW + 30, now: NOW + 40, isPolled: false })
    assert.equal((await view('one'))?.partitions[0]?.position, 5)
  })

  test('is let go by a tombstone, and by an answer without it', async () => {
    commit('one', 7, NOW)
    commit('one', null, NOW + 1)
    assert.equal((await view('one'))?.partitions[0]?.position, null)
    book.group('one')!.positioned([], { askedAt: NOW + 2, now: NOW + 2, isPolled: false })
    assert.deepEqual((await view('one'))?.partitions, [])
    assert.deepEqual(book.logs(), [], 'and its log is forgotten')
  })

  test('what is assigned and not committed is shown without a position', async () => {
    const member = { memberId: 'm', instanceId: null, clientId: 'c', clientHost: '/h' }
    const assignment = [{ topic: 'orders', partitions: [0, 1] }]
    const description = {
      ...listed('one'),
      protocol: 'range',
      epoch: null,
      members: [{ ...member, assignment }],
    }
    book.group('one')!.describe(description, NOW)
    commit('one', 5, NOW)
    ends(8, NOW)
    const group = await view('one')
    assert.deepEqual(
      group?.partitions.map(({ position, owner, lag }) => [position, owner?.memberId, lag.records]),
      [
        [5, 'm', 3],
        [null, 'm', null],
      ],
    )
    assert.equal(group?.lag.records, 3, 'as if it had no part in the other')
  })

  test('by polls a position that has moved is a commit, one that stands is none', async () => {
    book.isPolled = true
    for (const [index, offset] of [5, 6, 6, 7].entries()) {
      const now = NOW + index * 10 * SECOND
      book.group('one')!.positioned([at(offset)], { askedAt: now, now, isPolled: true })
    }
    const [partition] = (await view('one'))!.partitions
    assert.deepEqual([partition?.first?.offset, partition?.last?.offset], [5, 7])
    assert.equal(partition?.last?.at, NOW + 30 * SECOND)
  })

  test('leads to the verdict that its commits deserve', async () => {
    ends(0, NOW)
    for (let step = 0; step < 10; step++) {
      const at = NOW + step * 10 * SECOND
      commit('one', 100, at)
      ends(200 + step, at)
    }
    const now = NOW + 91 * SECOND
    assert.equal((await view('one', now))?.verdict, 'ERR')
    assert.equal((await view('one', now))?.partitions[0]?.verdict, 'STALL')
    assert.equal((await view('one', now + 200 * SECOND))?.partitions[0]?.verdict, 'STOP')
  })
})
