import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Queue } from './queue.ts'

test('it behaves as an array does', () => {
  const action = fc.oneof(
    fc.constant({ do: 'push' as const }),
    fc.constant({ do: 'shift' as const }),
    fc.nat(50).map((at) => ({ do: 'remove' as const, at })),
  )
  fc.assert(
    fc.property(fc.array(action, { maxLength: 300 }), (actions) => {
      const queue = new Queue<number>()
      const model: number[] = []
      for (const [number, step] of actions.entries()) {
        if (step.do === 'push') {
          queue.push(number)
          model.push(number)
        } else if (step.do === 'shift') assert.equal(queue.shift(), model.shift())
        else {
          const item = model[step.at] ?? -1
          queue.remove(item)
          if (item >= 0) model.splice(step.at, 1)
        }
        assert.equal(queue.peek(), model[0])
        assert.equal(queue.size, model.length)
        assert.deepEqual([...queue], model)
      }
    }),
  )
})
