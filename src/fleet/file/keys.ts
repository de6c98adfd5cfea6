import { alertKeys } from './alert-schema.ts'
import { scheduleKeys, windowKeys } from './limit-keys.ts'
import { shownName } from './printable.ts'
import {
  routeAsSchema,
  routeLimitsSchema,
  routeSaslSchema,
  routeSchema,
  routeTlsSchema,
  routeUserSchema,
} from './route-schema.ts'
import {
  externalClusterSchema,
  fleetSchema,
  linkSchema,
  managedClusterSchema,
  metricsKeys,
  saslSchemas,
  tlsSchema,
} from './schema.ts'
import { serverKeys } from './server-schema.ts'
import { didYouMean } from './suggest.ts'
import { nodeAt, type Path, type TreeNode } from './tree.ts'

const topKeys = Object.keys(fleetSchema.shape)
const managedKeys = Object.keys(managedClusterSchema.shape)
const externalKeys = Object.keys(externalClusterSchema.shape)
const linkKeys = Object.keys(linkSchema.shape)
const routePlaces = {
  route: Object.keys(routeSchema.shape),
  tls: Object.keys(routeTlsSchema.shape),
  sasl: Object.keys(routeSaslSchema.shape),
  user: Object.keys(routeUserSchema.shape),
  as: Object.keys(routeAsSchema.shape),
  limits: Object.keys(routeLimitsSchema.shape),
} as const
const tlsKeys = Object.keys(tlsSchema.shape)
const saslKeys = [...new Set(saslSchemas.flatMap((candidate) => Object.keys(candidate.shape)))]

/** Every word of the file that is a key of its own. */
export const everyKey: readonly string[] = [
  ...new Set([
    ...topKeys,
    ...managedKeys,
    ...externalKeys,
    ...linkKeys,
    ...Object.values(routePlaces).flat(),
    ...scheduleKeys,
    ...windowKeys,
    ...metricsKeys,
    ...Object.values(serverKeys).flat(),
    ...Object.values(alertKeys).flat(),
    ...tlsKeys,
    ...saslKeys,
    'offsets',
  ]),
]

/** Keys that the design names and this version does not have: better said so than called unknown. */
export const laterKeys = {
  top: { residency: 'residency rules are', domains: 'domains are' },
  cluster: { mode: 'ZooKeeper mode is' },
  link: { mask: 'field masks are', filter: 'record filters are' },
} as const

/** A cluster of the file is external when it has (or seems to mean) `bootstrap`. */
export function isExternal(cluster: unknown): boolean {
  return typeof cluster === 'object' && cluster !== null && 'bootstrap' in cluster
}

/** What is wrong with a key that the schema does not have at `path`, and what was probably meant. */
export function unknownKeyMessage(root: TreeNode, path: Path, key: string): string {
  const place = placeOf(root, path)
  if (Object.hasOwn(place.later, key)) return `${place.later[key]} not in this version of kmc`
  const other = place.elsewhere?.keys.includes(key) ? place.elsewhere.why : null
  if (other !== null) return `${key} ${other}`
  const suggestion = didYouMean(key, [...place.keys, ...(place.elsewhere?.keys ?? [])])
  return `unknown key${suggestion === '' ? `; the keys here are ${place.keys.join(', ')}` : suggestion}`
}

type Place = {
  readonly keys: readonly string[]
  readonly later: Readonly<Record<string, string>>
  /** Keys of the other kind of the same thing, and why they do not fit here. */
  readonly elsewhere?: { readonly keys: readonly string[]; readonly why: string }
}

function placeOf(root: TreeNode, path: Path): Place {
  if (path.length === 0) return { keys: topKeys, later: laterKeys.top }
  if (path[0] === 'links') return linkPlace(path)
  if (path[0] === 'routes') return { keys: routeKeysAt(path), later: {} }
  if (path[0] === 'metrics') return { keys: metricsKeys, later: {} }
  if (path[0] === 'alerts') return { keys: alertKeysAt(path), later: {} }
  if (path[0] === 'server') return { keys: serverKeysAt(path), later: {} }
  if (path.length === 2) return clusterPlace(nodeAt(root, path)?.value)
  if (path[2] === 'tls') return { keys: tlsKeys, later: {} }
  return saslPlace(nodeAt(root, path)?.value)
}

function linkPlace(path: Path): Place {
  if (path.length === 2) return { keys: linkKeys, later: laterKeys.link }
  if (path[2] !== 'limit') return { keys: ['offsets'], later: {} }
  return { keys: path.length === 3 ? scheduleKeys : windowKeys, later: {} }
}

/** `routes.NAME`, and below it `tls`, `limits`, `sasl`, `sasl.users.NAME`, `sasl.users.NAME.as`. */
function routeKeysAt(path: Path): readonly string[] {
  if (path.length === 2) return routePlaces.route
  if (path[2] === 'tls' || path[2] === 'limits') return routePlaces[path[2]]
  return path.length === 3 ? routePlaces.sasl : path.length === 5 ? routePlaces.user : routePlaces.as
}

/** `server`, and below it `tls`, `oidc`, `history`, `rest`, `roles.NAME`. */
function serverKeysAt([, part]: Path): readonly string[] {
  if (part === undefined) return serverKeys.server
  const isPlain = part === 'tls' || part === 'oidc' || part === 'history' || part === 'rest'
  return isPlain ? serverKeys[part] : serverKeys.role
}

/** `alerts`, and below it `rules.NAME`, `receivers.NAME`, `tell[n]`. */
function alertKeysAt([, part]: Path): readonly string[] {
  return part === 'rules' || part === 'receivers' || part === 'tell' ? alertKeys[part] : alertKeys.alerts
}

function clusterPlace(cluster: unknown): Place {
  const why = isExternal(cluster)
    ? 'is for clusters that kmc runs; this one has bootstrap, so it runs elsewhere'
    : 'is for clusters that run elsewhere; those have bootstrap'
  const [keys, other] = isExternal(cluster) ? [externalKeys, managedKeys] : [managedKeys, externalKeys]
  return {
    keys,
    later: laterKeys.cluster,
    elsewhere: { keys: other.filter((key) => !keys.includes(key)), why },
  }
}

function saslPlace(sasl: unknown): Place {
  const mechanism = (sasl as { mechanism?: unknown } | null)?.mechanism
  const schema = saslSchemas.find((candidate) => candidate.shape.mechanism.value === mechanism)
  const keys = Object.keys((schema ?? saslSchemas[0]).shape)
  return {
    keys,
    later: {},
    elsewhere: {
      keys: saslKeys.filter((key) => !keys.includes(key)),
      why: `does not go with ${typeof mechanism === 'string' ? shownName(mechanism) : 'this mechanism'}`,
    },
  }
}
