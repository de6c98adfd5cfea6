import { z } from 'zod'
import type { Caller } from '../door/caller.ts'
import type { SignIn } from '../door/sign-in.ts'
import { serverError } from '../errors.ts'
import { Reply, type Route, route } from '../http/route.ts'

const CODE_MAX = 256
const BACK_MAX = 4096

const grant = z.object({
  role: z.enum(['viewer', 'operator', 'admin']),
  clusters: z.array(z.string()).readonly().optional(),
  topics: z.array(z.string()).readonly().optional(),
  groups: z.array(z.string()).readonly().optional(),
  links: z.array(z.string()).readonly().optional(),
  routes: z.array(z.string()).readonly().optional(),
})

const session = z.object({
  /** null: nobody has signed in. */
  name: z.string().nullable(),
  by: z.enum(['session', 'token']).nullable(),
  grants: z.array(grant),
  /** How one may sign in here. */
  ways: z.array(z.enum(['link', 'oidc'])),
})

/** Signing in and out. */
export function sessionRoutes(signIn: SignIn): readonly Route[] {
  return [...linkRoutes(signIn), ...oidcRoutes(signIn)]
}

function told(caller: Caller | null, { hasOidc }: SignIn): z.infer<typeof session> {
  return {
    name: caller?.name ?? null,
    by: caller?.by ?? null,
    grants: [...(caller?.grants ?? [])],
    ways: hasOidc ? ['link', 'oidc'] : ['link'],
  }
}

/** The console opens `#signin=CODE` by sending that code here. */
function linkRoutes(signIn: SignIn): readonly Route[] {
  return [
    route({
      ...{ method: 'GET', path: '/api/session', tag: 'session', need: 'anyone', action: null },
      summary: 'Who asks, what they may do, and how one signs in here',
      answer: session,
      handle: ({ caller }) => told(caller.grants.length === 0 ? null : caller, signIn),
    }),
    route({
      ...{ method: 'POST', path: '/api/session', tag: 'session', need: 'anyone', action: null },
      summary: 'Signs in with the code of a link that was printed in the terminal; it works once',
      body: z.strictObject({ code: z.string().min(1).max(CODE_MAX) }),
      answer: session,
      handle({ body, proof }) {
        const { caller, cookie } = signIn.byCode(body.code, proof)
        return new Reply(201, told(caller, signIn), { 'set-cookie': cookie })
      },
    }),
    route({
      ...{ method: 'DELETE', path: '/api/session', tag: 'session', need: 'anyone', action: null },
      summary: 'Signs out',
      answer: z.null(),
      handle: ({ proof }) => new Reply(204, null, { 'set-cookie': signIn.out(proof) }),
    }),
  ]
}

const fromProvider = z.looseObject({
  state: z.string().max(BACK_MAX).optional(),
  code: z.string().max(BACK_MAX).optional(),
})

function oidcRoutes(signIn: SignIn): readonly Route[] {
  return [
    route({
      ...{ method: 'GET', path: '/api/oidc/start', tag: 'session', need: 'anyone', action: null },
      summary: 'Leads a browser to the OpenID Connect provider',
      answer: z.null(),
      async handle({ proof }) {
        const { url, cookie } = await signIn.toProvider(proof)
        return new Reply(303, null, { location: url, 'set-cookie': cookie })
      },
    }),
    route({
      ...{ method: 'GET', path: '/api/oidc/callback', tag: 'session', need: 'anyone', action: null },
      summary: 'Where the provider sends a browser back to; leads on to the console',
      query: fromProvider,
      answer: z.null(),
      async handle({ query: { state, code }, proof }) {
        if (state === undefined || code === undefined) {
          throw serverError('OIDC_REFUSED', 'the provider did not let anybody in')
        }
        const { cookie, over } = await signIn.fromProvider({ state, code }, proof)
        return new Reply(303, null, { location: '/', 'set-cookie': [cookie, over] })
      },
    }),
  ]
}
