import { Link } from 'wouter'
import type { LinkOverview } from '../../../src/fleet/run/fleet-status.ts'
import { Badge } from '../parts/basics.tsx'
import { lagText } from '../parts/format.ts'
import { paths } from '../shell/paths.ts'

/** Where else a topic stands, by the links of the fleet: what it is a mirror of, and what mirrors it. */
export function placesOf(links: readonly LinkOverview[], cluster: string, topic: string) {
  const found = links.flatMap(({ name, from, to, mirrors }) =>
    mirrors.flatMap((mirror) => {
      if (to === cluster && mirror.mirror === topic)
        return [{ name, mirror, word: 'mirror of', other: from, its: mirror.topic }]
      if (from === cluster && mirror.topic === topic)
        return [{ name, mirror, word: 'mirrored in', other: to, its: mirror.mirror }]
      return []
    }),
  )
  return found.map(({ name, mirror, word, other, its }) => (
    <span key={`${name} ${word}`} className="tools">
      <span className="soft">{word}</span> <Link href={paths.topic(other, its)}>{`${other} / ${its}`}</Link>
      <Badge state={mirror.state} />
      <span className="soft small">{lagText(mirror.lag)}</span>
    </span>
  ))
}
