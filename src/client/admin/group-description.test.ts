import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { ConsumerProtocolAssignmentData } from '../../wire/data/consumer-protocol-assignment.ts'
import { classicGroup } from './group-description.ts'

function groupWith(memberAssignment: Buffer, protocolType = 'consumer') {
  const member = {
    memberId: 'm',
    groupInstanceId: null,
    clientId: 'c',
    clientHost: '/h',
    memberMetadata: Buffer.alloc(0),
  }
  const members = [{ ...member, memberAssignment }]
  const group = { groupId: 'g', groupState: 'Stable', protocolType, protocolData: 'range', members }
  return classicGroup({ ...group, errorCode: 0, errorMessage: null, authorizedOperations: 0 }, 7)
}

function assignmentBytes(version: number): Buffer {
  const assignedPartitions = [{ topic: 'orders', partitions: [0, 2] }]
  const head = Buffer.alloc(2)
  head.writeInt16BE(version)
  const known = Math.min(version, ConsumerProtocolAssignmentData.table.max)
  return Buffer.concat([
    head,
    ...ConsumerProtocolAssignmentData.encode(known, { assignedPartitions, userData: null }),
  ])
}

test('assignments of all versions are read, newer ones as the newest known', () => {
  for (const version of [0, 1, 2, 3, 9]) {
    const { members } = groupWith(assignmentBytes(version))
    assert.deepEqual(members[0]?.assignment, [{ topic: 'orders', partitions: [0, 2] }])
  }
})

test('a member without assignment has none, another protocol’s is not read', () => {
  assert.deepEqual(groupWith(Buffer.alloc(0)).members[0]?.assignment, [])
  assert.equal(groupWith(assignmentBytes(0), 'connect').members[0]?.assignment, null)
})

test('whatever a foreign client wrote, the group is described', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      const { state, members } = groupWith(Buffer.from(bytes))
      assert.equal(state, 'Stable')
      assert.equal(members.length, 1)
    }),
    { numRuns: 2_000 },
  )
})
