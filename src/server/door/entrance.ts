import { systemClock } from '../../base/clock.ts'
import type { Secret } from '../../base/secret.ts'
import type { ServerSecrets } from '../../fleet/file/server-access.ts'
import type { ServerDeclaration } from '../../fleet/file/server-schema.ts'
import type { Caller } from './caller.ts'
import type { Door } from './door.ts'
import { FrontDoor } from './front-door.ts'
import { grantsOf } from './grants.ts'
import { hostTest } from './hosts.ts'
import { OidcSignIn } from './oidc/sign-in.ts'
import { Sessions } from './sessions.ts'
import { SignIn } from './sign-in.ts'
import { Tokens } from './tokens.ts'

export type EntranceOptions = {
  readonly declared: ServerDeclaration
  readonly secrets: ServerSecrets
  /** Of this process: who can read its record is an admin. */
  readonly token: Secret
  /** Where the server listens, as browsers know it; asked once it does. */
  readonly place: () => { readonly url: string; readonly port: number }
  /** Told of everybody who signs in. */
  readonly onSignedIn: (caller: Caller, address: string) => void
}

export type Entrance = { readonly door: Door; readonly signIn: SignIn }

/** The door of a server as its fleet file declares it, and the ways to a session. @throws SERVER_TOKEN_WEAK */
export function openEntrance({ declared, secrets, token, place, onSignedIn }: EntranceOptions): Entrance {
  const { roles, oidc, listen, hosts, url } = declared
  const { now } = systemClock
  const sessions = new Sessions(now)
  const tokens = new Tokens()
  tokens.add(token, { name: 'local admin', by: 'token', grants: [{ role: 'admin' }] })
  for (const [name, secret] of secrets.tokens) {
    tokens.add(secret, { name: `token ${name}`, by: 'token', grants: grantsOf(roles, [`token:${name}`]) })
  }
  const own = url === undefined ? hosts : [...hosts, new URL(url).hostname]
  const door = new FrontDoor({
    ...{ tokens, sessions },
    isOwnHost: hostTest({ listen, hosts: own }),
    port: () => place().port,
  })
  const provider =
    oidc === undefined
      ? null
      : new OidcSignIn({
          declared: oidc,
          clientSecret: secrets.clientSecret,
          redirectUri: () => `${place().url}/api/oidc/callback`,
          now,
        })
  return { door, signIn: new SignIn({ sessions, roles, oidc: provider, place, now, onSignedIn }) }
}
