import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import type { Route } from '../http/route.ts'
import { ConsumerInstance } from './consumer/instance.ts'
import type { ConsumerInstances } from './consumer/instances.ts'
import { newConsumer, settingsOf } from './consumer/settings.ts'
import { done, INSTANCE, nothing, ofGroup, placeOf } from './consumer-row.ts'
import { registryNeeded } from './data.ts'
import { bodyOf, rows, type V2Call } from './row.ts'

/** Consumer instances: made and ended by whoever made them. */
export function consumerRoutes(instances: ConsumerInstances): readonly Route[] {
  return [
    ...rows({
      ...ofGroup,
      method: 'POST',
      path: '/consumers/{group}',
      summary: 'Makes a consumer instance; it ends when nobody asks it anything for five minutes',
      answer: z.object({ instance_id: z.string(), base_uri: z.string() }),
      handle: (call) => create(instances, call),
    }),
    ...rows({
      ...ofGroup,
      method: 'DELETE',
      path: INSTANCE,
      summary: 'Ends a consumer instance',
      answer: nothing,
      async handle(call) {
        await instances.delete(placeOf(call))
        return done()
      },
    }),
  ]
}

async function create(instances: ConsumerInstances, call: V2Call<{ readonly group: string }>) {
  const { params, house, proof, signal, caller, prefix } = call
  const body = (await bodyOf(call, newConsumer, 'CONSUMER_INVALID')) ?? {}
  const settings = settingsOf(body)
  if (settings.format !== 'binary' && settings.format !== 'json') throw registryNeeded(settings.format)
  const instance = body.id ?? body.name ?? `rest-consumer-${randomUUID()}`
  const { cluster, group } = params
  await instances.add({ cluster, group, instance, owner: caller.name }, async () => {
    return new ConsumerInstance(await house.doors.connect(cluster, signal), group, settings, house.log)
  })
  const at = [prefix, 'consumers', encodeURIComponent(group), 'instances', encodeURIComponent(instance)]
  return {
    instance_id: instance,
    base_uri: `${proof.isTls ? 'https' : 'http'}://${proof.host}${at.join('/')}`,
  }
}
