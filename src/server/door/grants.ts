import type { RoleDeclaration } from '../../fleet/file/server-schema.ts'
import type { Grant } from './roles.ts'

/** What roles of the fleet file give to somebody who is all of these: `user:…`, `group:…`, `token:…`. */
export function grantsOf(
  roles: Readonly<Record<string, RoleDeclaration>>,
  memberships: readonly string[],
): Grant[] {
  return Object.values(roles).flatMap(({ members, ...grant }) =>
    members.some((member) => memberships.includes(member)) ? [grant] : [],
  )
}
