import { z } from 'zod'
import { fileReference, nameSchema, PORT_MAX, PORT_MIN, secretReference } from './word-schemas.ts'

const SLOTS_MAX = 128
const USERS_MAX = 1_000
const MIB = 1024 * 1024

const mechanism = z.enum(['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'])
const userName = z.string().min(1).max(255)
const host = z
  .string()
  .regex(/^[0-9a-zA-Z.:-]{1,253}$/, 'write a host name or an address, such as 127.0.0.1 or 0.0.0.0')

export const routeTlsSchema = z.strictObject({
  certificate: fileReference.meta({
    description: 'Certificate (PEM) that clients see; a chain begins with it.',
  }),
  key: secretReference.meta({
    description: 'Its private key (PEM). A file must be readable for its owner alone.',
  }),
  keyPassword: secretReference.optional().meta({ description: 'Password of the private key.' }),
  clientCa: fileReference.optional().meta({
    description: 'Authorities (PEM) whose client certificates are accepted; with it clients must have one.',
    defaultText: 'clients need no certificate',
  }),
})

export const routeAsSchema = z.strictObject({
  mechanism: mechanism
    .default('SCRAM-SHA-512')
    .meta({ description: 'How the gateway signs in for the user.' }),
  username: userName.meta({ description: 'The user at both clusters.' }),
  password: secretReference.meta({ description: 'Password there: env:NAME, or file:path (mode 0600).' }),
})

export const routeUserSchema = z.strictObject({
  password: secretReference.meta({
    description: 'Password of the user: env:NAME, or file:path (mode 0600).',
  }),
  as: routeAsSchema.optional().meta({
    description: 'Who the user is at the clusters.',
    defaultText: 'the user that kmc itself signs in as',
  }),
})

export const routeSaslSchema = z.strictObject({
  mechanisms: z
    .array(mechanism)
    .min(1, 'at least one mechanism')
    .default(['SCRAM-SHA-512', 'SCRAM-SHA-256'])
    .meta({ description: 'How clients may sign in: `PLAIN`, `SCRAM-SHA-256`, `SCRAM-SHA-512`.' }),
  users: z
    .record(userName, routeUserSchema)
    .refine((users) => Object.keys(users).length > 0, 'a route with users of its own needs at least one')
    .refine((users) => Object.keys(users).length <= USERS_MAX, `at most ${USERS_MAX} users`)
    .meta({ description: 'Users of the route, by name.' }),
})

export const routeLimitsSchema = z.strictObject({
  connections: z.int().min(1).max(1_000_000).optional().meta({
    description: 'Connections of clients; further ones are closed at once.',
    defaultText: '10,000',
  }),
  parkedBytes: z
    .int()
    .min(MIB)
    .max(64 * 1024 * MIB)
    .optional()
    .meta({
      description: 'Bytes of requests that wait in a switch; beyond it clients are not read.',
      defaultText: '256 MiB',
    }),
  frameBytes: z
    .int()
    .min(MIB)
    .max(1024 * MIB)
    .optional()
    .meta({
      description: 'Largest request of a client.',
      defaultText: '100 MiB',
    }),
})

export const routeSchema = z
  .strictObject({
    port: z.int().min(PORT_MIN).max(PORT_MAX).meta({
      description:
        'Where clients find the route. It takes one port a slot from here on: `port`, `port + 1`, …',
    }),
    primary: nameSchema.meta({ description: 'The cluster that serves at first.' }),
    standby: nameSchema.meta({
      description: 'The cluster that can take over. An exact link leads to it from `primary`.',
    }),
    slots: z.int().min(1).max(SLOTS_MAX).optional().meta({
      description: 'How many brokers clients see; at least as many as the larger cluster has.',
      defaultText: 'as many; 3 for a cluster that runs elsewhere',
    }),
    listen: host.default('127.0.0.1').meta({ description: 'Address of this machine to listen at.' }),
    advertised: host.optional().meta({
      description: 'Host that clients are told to connect to.',
      defaultText: '`listen`',
    }),
    tls: routeTlsSchema.optional().meta({ description: 'TLS towards clients.', defaultText: 'no TLS' }),
    sasl: routeSaslSchema.optional().meta({
      description: 'Sign-in at the route, by users of its own.',
      defaultText: 'clients sign in at the clusters, through the route',
    }),
    limits: routeLimitsSchema.default({}).meta({ description: 'What a gateway of the route holds at most.' }),
    standbyLost: z.enum(['serve', 'hold']).default('serve').meta({
      description:
        'When a gateway cannot reach the cluster that does not serve: `serve` goes on, `hold` takes no writes. With `hold` no two clusters ever take writes at one time, whatever the network does.',
    }),
  })
  .meta({ title: 'A route' })

export type RouteKeys = z.output<typeof routeSchema>
