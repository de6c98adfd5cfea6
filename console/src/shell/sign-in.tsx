import { useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useEffect, useState } from 'react'
import { ApiError, ask, keepToken } from '../api/http.ts'
import icon from '../style/icon.svg'

/** The code of a sign-in link, which is taken out of the address before anything else sees it. */
function takeCode(): string | null {
  const code = new URLSearchParams(location.hash.slice(1)).get('signin')
  if (code !== null) history.replaceState(null, '', location.pathname)
  return code
}

const linkCode = takeCode()

export function SignIn() {
  const client = useQueryClient()
  const [trouble, setTrouble] = useState<string | null>(null)
  const signIn = async (enter: () => Promise<void>) => {
    try {
      setTrouble(null)
      await enter()
      await client.resetQueries()
    } catch (error) {
      setTrouble(error instanceof ApiError ? `${error.message}. ${error.remedy ?? ''}` : String(error))
    }
  }
  // biome-ignore lint/correctness/useExhaustiveDependencies: the link is used once
  useEffect(() => {
    if (linkCode !== null)
      void signIn(() => ask('/api/session', { method: 'POST', body: { code: linkCode } }))
  }, [])
  const onSubmit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const token = String(new FormData(event.currentTarget).get('token')).trim()
    void signIn(async () => keepToken(token))
  }
  return (
    <main className="signin">
      <form onSubmit={onSubmit}>
        <img src={icon} alt="" />
        <h1>Sign in to the fleet</h1>
        <p className="soft">
          Open the link that <code>kmc up</code>, <code>kmc serve</code> or <code>kmc console</code> printed.
          It works once, for ten minutes.
        </p>
        {trouble !== null && (
          <p className="banner" data-tone="bad" role="alert">
            {trouble}
          </p>
        )}
        <OtherWays />
        <label className="stack">
          Or use a token
          <input className="field" name="token" type="password" autoComplete="off" required />
        </label>
        <button type="submit" className="button" data-kind="main">
          Sign in
        </button>
      </form>
    </main>
  )
}

/** The organisation's own sign-in, where the server has one. */
function OtherWays() {
  const { data } = useQuery({
    queryKey: ['session'],
    queryFn: ({ signal }) => ask<{ readonly ways: readonly string[] }>('/api/session', { signal }),
    retry: false,
  })
  if (data?.ways.includes('oidc') !== true) return null
  return (
    <a className="button" href="/api/oidc/start">
      Sign in with your organisation
    </a>
  )
}
