import { nameMatcher } from '../../link/names.ts'

/** What each may do: a viewer reads, an operator also runs what can be taken back, an admin everything. */
const roles = ['viewer', 'operator', 'admin'] as const

export type Role = (typeof roles)[number]

const resourceKinds = ['topic', 'group', 'link', 'route'] as const

export type ResourceKind = (typeof resourceKinds)[number]

/** What a call is about: one resource, or a whole cluster, or, without a cluster, the whole fleet. */
export type Subject = {
  readonly cluster?: string | undefined
  readonly resource?: { readonly kind: ResourceKind; readonly name: string } | undefined
}

/**
 * A role on what the patterns name. Without patterns of clusters: on all. Without patterns of resources: on all of
 * them and on the cluster itself; with some, on these alone, so that a grant of topics gives nothing on groups.
 */
export type Grant = {
  readonly role: Role
  readonly clusters?: readonly string[] | undefined
} & { readonly [Kind in ResourceKind as `${Kind}s`]?: readonly string[] | undefined }

/** Whether one of the grants gives at least this role on the subject; every doubt is a no. */
export function isGranted(grants: readonly Grant[], role: Role, subject: Subject): boolean {
  return grants.some(
    (grant) => gives(grant, role, subject.cluster) && coversResource(grant, subject.resource),
  )
}

/** Whether they give it on anything of a cluster, or of any: then a list is shown of what they name. */
export function isGrantedSomewhere(grants: readonly Grant[], role: Role, cluster?: string): boolean {
  return grants.some(
    (grant) => roleReaches(grant, role) && (cluster === undefined || coversCluster(grant, cluster)),
  )
}

function gives(grant: Grant, role: Role, cluster: string | undefined): boolean {
  return roleReaches(grant, role) && coversCluster(grant, cluster)
}

function roleReaches(grant: Grant, role: Role): boolean {
  return roles.indexOf(grant.role) >= roles.indexOf(role)
}

function coversCluster({ clusters }: Grant, name: string | undefined): boolean {
  return clusters === undefined || (name !== undefined && nameMatcher(clusters)(name))
}

function coversResource(grant: Grant, resource: Subject['resource']): boolean {
  if (resourceKinds.every((kind) => grant[`${kind}s`] === undefined)) return true
  const patterns = resource && grant[`${resource.kind}s`]
  return patterns !== undefined && nameMatcher(patterns)(resource!.name)
}
