import type { LinkOverview } from '../../../src/fleet/run/fleet-status.ts'
import type { MirrorStatus } from '../../../src/link/status.ts'

export function LinkActions({ link }: { readonly link: LinkOverview }) {
  return (
    <code className="soft small">
      kmc link {link.state === 'paused' ? 'resume' : 'pause'} {link.name}
    </code>
  )
}

export function MirrorActions({
  link,
  mirror,
}: {
  readonly link: LinkOverview
  readonly mirror: MirrorStatus
}) {
  return (
    <code className="soft small">
      kmc mirror describe {link.name} {mirror.mirror}
    </code>
  )
}
