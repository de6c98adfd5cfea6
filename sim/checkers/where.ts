import type { Pair } from '../world/mirrors.ts'

export function whereIs({ mirror }: Pair, offset: number): string {
  return `${mirror.topic.id}/${mirror.partition} at ${offset}`
}
