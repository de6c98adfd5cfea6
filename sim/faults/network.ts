import type { FaultItem } from '../plan.ts'
import type { World } from '../world/world.ts'
import type { Fault } from './fault.ts'

function networkOf(world: World, { a }: FaultItem) {
  return a < 0.7 ? world.networks.destination : world.networks.source
}

/** Connections break; what was on its way is lost, or arrives after the client has connected anew. */
const cut: Fault = {
  kind: 'cut',
  inject: (world, item) => {
    const zombieMs = item.b < 0.6 ? item.ms : null
    networkOf(world, item).cut(null, zombieMs)
  },
}

/** Answers are held up, and then the connections break: what was done stays done, and nobody knows. */
const lostAnswers: Fault = {
  kind: 'lost-answers',
  inject: (world, item) => {
    const network = networkOf(world, item)
    network.weather.fromBrokersUntil = world.events.now + item.ms + 5
    world.events.after(item.ms, () => network.cut(null, item.b < 0.5 ? item.ms : null))
  },
}

/** One direction is blocked: requests arrive late, after the client may have given them up. */
const lateRequests: Fault = {
  kind: 'late-requests',
  inject: (world, item) => {
    networkOf(world, item).weather.toBrokersUntil = world.events.now + item.ms * (item.b < 0.2 ? 12 : 1)
  },
}

const lateAnswers: Fault = {
  kind: 'late-answers',
  inject: (world, item) => {
    networkOf(world, item).weather.fromBrokersUntil = world.events.now + item.ms * (item.b < 0.2 ? 12 : 1)
  },
}

const slow: Fault = {
  kind: 'slow',
  inject: (world, item) => {
    const { weather } = networkOf(world, item)
    weather.slowUntil = world.events.now + item.ms * 3
    weather.slowMs = item.b * 400
  },
}

export const networkFaults = [cut, lostAnswers, lateRequests, lateAnswers, slow]
