import type { GroupDestination, GroupSource } from '../../src/link/groups/port.ts'
import type { SessionPorts } from '../../src/link/session-options.ts'
import type { World } from '../world/world.ts'
import type { Mutant } from './mutant.ts'

type Source = SessionPorts['source']
type Destination = SessionPorts['destination']

/** The port with some of its methods replaced; the rest is handed on. */
function replaced<T extends object>(port: T, methods: Partial<T>): T {
  return new Proxy(port, {
    get(target, name) {
      if (name in methods) return methods[name as keyof T]
      const value: unknown = Reflect.get(target, name, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}

export function atSource(
  name: string,
  bug: string,
  methods: (source: Source, world: World) => Partial<Source>,
): Mutant {
  const ports = (all: SessionPorts, world: World) => {
    return { ...all, source: replaced(all.source, methods(all.source, world)) }
  }
  return { name, bug, mutation: { ports } }
}

export function atDestination(
  name: string,
  bug: string,
  methods: (destination: Destination, world: World) => Partial<Destination>,
): Mutant {
  const ports = (all: SessionPorts, world: World) => {
    return { ...all, destination: replaced(all.destination, methods(all.destination, world)) }
  }
  return { name, bug, mutation: { ports } }
}

export function atGroups(
  name: string,
  bug: string,
  methods: (
    source: GroupSource,
    destination: GroupDestination,
  ) => { readonly source?: Partial<GroupSource>; readonly destination?: Partial<GroupDestination> },
): Mutant {
  const ports = (all: SessionPorts) => {
    const { source = {}, destination = {} } = methods(all.groupSource, all.groupDestination)
    return {
      ...all,
      groupSource: replaced(all.groupSource, source),
      groupDestination: replaced(all.groupDestination, destination),
    }
  }
  return { name, bug, mutation: { ports } }
}
