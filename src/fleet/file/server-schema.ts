import { isIP } from 'node:net'
import { z } from 'zod'
import { fileReference, nameSchema, PORT_MAX, PORT_MIN, secretReference } from './word-schemas.ts'

export const SERVER_PORT = 8_686

const PATTERNS_MAX = 200
const MEMBERS_MAX = 1_000
const ENTRIES_MAX = 200

const patternsOf = (what: string) =>
  z
    .array(z.string().regex(/^!?[^\p{Cc}]{1,255}$/u, 'a pattern is 1 to 255 characters'))
    .min(1, 'at least one pattern')
    .max(PATTERNS_MAX)
    .optional()
    .meta({
      description: `${what}: names and globs (\`*\`, \`?\`); a leading \`!\` excludes.`,
      defaultText: 'see above',
    })

const serverTlsSchema = z.strictObject({
  certificate: fileReference.meta({
    description: 'Certificate (PEM) that browsers see; a chain begins with it.',
  }),
  key: secretReference.meta({
    description: 'Its private key (PEM). A file must be readable for its owner alone.',
  }),
  keyPassword: secretReference.optional().meta({ description: 'Password of the private key.' }),
})

const serverRoleSchema = z
  .strictObject({
    role: z.enum(['viewer', 'operator', 'admin']).meta({
      description:
        'What members may do: `viewer` reads, `operator` also runs what can be taken back, `admin` everything.',
    }),
    clusters: patternsOf('On which clusters'),
    topics: patternsOf('On which topics'),
    groups: patternsOf('On which groups'),
    links: patternsOf('On which links'),
    routes: patternsOf('On which routes'),
    members: z
      .array(
        z
          .string()
          .regex(
            /^(user|group|token):[^\p{Cc}]{1,255}$/u,
            'a member is user:NAME, group:NAME (both by OpenID Connect) or token:NAME',
          ),
      )
      .min(1, 'a role without members gives nothing')
      .max(MEMBERS_MAX)
      .meta({
        description: 'Who has it: `user:NAME`, `group:NAME`, `token:NAME`.',
        examples: [['group:platform', 'token:prometheus']],
      }),
  })
  .meta({ title: 'A role' })

/** In clear only to this machine. */
function isSafeAddress(text: string): boolean {
  if (!URL.canParse(text)) return false
  const { protocol, hostname, username, password, search, hash } = new URL(text)
  if (username !== '' || password !== '' || search !== '' || hash !== '') return false
  return (
    protocol === 'https:' || (protocol === 'http:' && /^(127\.0\.0\.1|localhost|\[::1\])$/.test(hostname))
  )
}

const claimName = z.string().regex(/^[A-Za-z0-9_:./-]{1,200}$/, 'a claim is named like groups')

const serverOidcSchema = z.strictObject({
  issuer: z
    .string()
    .refine(isSafeAddress, 'an issuer is an https address without a query, or http on this machine')
    .meta({ description: 'Address of the provider; `/.well-known/openid-configuration` is read below it.' }),
  clientId: z.string().min(1).max(255).meta({ description: 'Name of kmc at the provider.' }),
  clientSecret: secretReference.optional().meta({
    description: 'Password of kmc at the provider: env:NAME, or file:path (mode 0600).',
    defaultText: 'none, for a public client',
  }),
  scopes: z
    .array(z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]{1,100}$/, 'a scope has no spaces'))
    .max(20)
    .default(['openid', 'profile', 'email'])
    .meta({ description: 'What is asked of the provider.' }),
  nameClaim: claimName.default('email').meta({ description: 'The claim that `user:` of roles goes by.' }),
  groupsClaim: claimName
    .default('groups')
    .meta({ description: 'The claim (text or a list) that `group:` of roles goes by.' }),
})

const serverAddress = /^[0-9a-zA-Z.:-]{1,253}$/

/** `10.0.0.7`, `10.0.0.0/8`, `fd00::/8`. */
function isAddressRange(text: string): boolean {
  const [address, bits, ...rest] = text.split('/')
  const family = isIP(address!)
  if (family === 0 || rest.length > 0) return false
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128))
}

const HISTORY_DAYS_MAX = 365
const HISTORY_MIB_MIN = 8
const HISTORY_MIB_MAX = 65_536

const serverHistorySchema = z.strictObject({
  days: z.int().min(0).max(HISTORY_DAYS_MAX).default(30).meta({
    description:
      'How long lags are kept, in `.kmc/seen/history.sqlite` beside the fleet file; 0: not at all.',
  }),
  mib: z.int().min(HISTORY_MIB_MIN).max(HISTORY_MIB_MAX).default(256).meta({
    description: 'What the file may take, in MiB; beyond it the oldest go first.',
  }),
})

export const serverSchema = z.strictObject({
  listen: z
    .string()
    .regex(serverAddress, 'write an address of this machine, such as 127.0.0.1 or 0.0.0.0')
    .default('127.0.0.1')
    .meta({ description: 'Address to listen at. Beyond this machine it needs `tls` or `proxies`.' }),
  port: z
    .int()
    .min(PORT_MIN)
    .max(PORT_MAX)
    .optional()
    .meta({
      description: 'Port of the console and the API. One that is named here must be free.',
      defaultText: `${SERVER_PORT}; where that is taken, none`,
    }),
  hosts: z
    .array(z.string().regex(serverAddress, 'write a name such as kmc.example.com'))
    .max(100)
    .default([])
    .meta({
      description:
        'Names that requests may come in under, besides `listen` and those of this machine. It keeps out web pages that reach the port through a name of their own.',
    }),
  url: z
    .string()
    .refine(isSafeAddress, 'write the https address that browsers use, or http on this machine')
    .optional()
    .meta({
      description:
        'Address of this server as browsers know it, for links that sign in and for the way back from `oidc`.',
      defaultText: 'where it listens',
    }),
  tls: serverTlsSchema.optional().meta({ description: 'TLS towards browsers.', defaultText: 'no TLS' }),
  proxies: z
    .array(z.string().refine(isAddressRange, 'write an address or a range such as 10.0.0.0/8'))
    .max(100)
    .default([])
    .meta({
      description:
        'Addresses of proxies that end TLS. Only from these are `X-Forwarded-For`, `-Proto` and `-Host` believed.',
    }),
  tokens: z
    .record(nameSchema, secretReference)
    .refine((tokens) => Object.keys(tokens).length <= ENTRIES_MAX, `at most ${ENTRIES_MAX} tokens`)
    .default({})
    .meta({
      description:
        'Tokens for programs, by name: env:NAME, or file:path (mode 0600). 24 characters at least. What one may do is said by `roles`.',
      examples: [{ prometheus: 'env:KMC_PROMETHEUS_TOKEN' }],
    }),
  roles: z
    .record(nameSchema, serverRoleSchema)
    .refine((roles) => Object.keys(roles).length <= ENTRIES_MAX, `at most ${ENTRIES_MAX} roles`)
    .default({})
    .meta({
      description: 'Roles, by name: who may do what. Whoever opens the link in the terminal is an admin.',
    }),
  oidc: serverOidcSchema.optional().meta({
    description: 'Sign-in by OpenID Connect.',
    defaultText: 'by the link in the terminal alone',
  }),
  history: serverHistorySchema.prefault({}).meta({ description: 'The history of lags (docs/guide/lag.md).' }),
  rest: z
    .strictObject({
      cluster: nameSchema.meta({
        description: 'The cluster that paths without one are for: `/topics/orders`.',
      }),
    })
    .optional()
    .meta({
      description:
        'REST Proxy v2, whose own paths name no cluster. `/clusters/NAME/topics/…` works for each.',
      defaultText: 'the only cluster, where there is one',
    }),
  audit: z.enum(['required', 'best-effort']).default('required').meta({
    description:
      'What happens to a change that cannot be written to the audit log: with `required` it is refused, with `best-effort` it is made and the gap is logged.',
  }),
})

export type ServerDeclaration = z.output<typeof serverSchema>
export type RoleDeclaration = z.output<typeof serverRoleSchema>
export type OidcDeclaration = z.output<typeof serverOidcSchema>

/** What the file says when it says nothing of the server. */
export const serverDefaults: ServerDeclaration = serverSchema.parse({})

/** Keys by place, for words about unknown ones. */
export const serverKeys = {
  server: Object.keys(serverSchema.shape),
  tls: Object.keys(serverTlsSchema.shape),
  rest: ['cluster'],
  role: Object.keys(serverRoleSchema.shape),
  oidc: Object.keys(serverOidcSchema.shape),
  history: Object.keys(serverHistorySchema.shape),
} as const
