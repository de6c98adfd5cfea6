import { z } from 'zod'

/** `waiting`: for its cluster to come back. `impossible`: that has no authorizer. `failed`: kmc may not do it. */
export const fenceReport = z.object({
  cluster: z.string(),
  state: z.enum(['raised', 'partly', 'waiting', 'impossible', 'failed']),
  /** Entries of kmc's that stand for it. */
  entries: z.int(),
  /** Who may write all the same, and why entries were refused. */
  unfenced: z.array(z.string()),
  refused: z.array(z.string()),
})

export type FenceReport = z.infer<typeof fenceReport>

/** In one sentence, for people. */
export function fenceText({ cluster, state, entries, unfenced, refused }: FenceReport): string {
  switch (state) {
    case 'raised':
      return entries === 0
        ? `no client has a right to write to ${cluster} that would have to be denied`
        : `${cluster} denies clients to write there (${entries} ACL entries)`
    case 'partly':
      return [
        `${cluster} denies only a part of its clients to write there (${entries} ACL entries)`,
        ...unfenced.map((who) => `${who} may still write`),
        ...refused,
      ].join('; ')
    case 'failed':
      return `${cluster} could not be told to deny clients to write there: ${refused.join('; ')}`
    case 'waiting':
      return `${cluster} denies clients to write there as soon as it is back`
    case 'impossible':
      return `${cluster} has no authorizer: whoever writes there directly is only watched, not stopped`
  }
}
