import type { Position } from '../../src/link/groups/position.ts'

/** What the sim wants to know of every position that is written. */
type CommitListener = (group: string, position: Position, by: string) => void

/** Positions of consumer groups, and which groups have members. */
export class GroupsModel {
  readonly positions = new Map<string, Map<string, Position>>()
  readonly active = new Set<string>()
  onCommit: CommitListener = () => {}

  commit(group: string, position: Position, by = 'a consumer'): void {
    const known = this.positions.get(group) ?? new Map<string, Position>()
    this.positions.set(group, known)
    known.set(`${position.topic}-${position.partition}`, position)
    this.onCommit(group, position, by)
  }

  /** With a topic go the positions on it. */
  topicDeleted(topic: string): void {
    for (const positions of this.positions.values()) {
      for (const [key, position] of positions) if (position.topic === topic) positions.delete(key)
    }
  }

  of(group: string): Position[] {
    return [...(this.positions.get(group)?.values() ?? [])]
  }
}
