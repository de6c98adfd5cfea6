/** A file as a browser gets it. */
export type PageFile = {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
}

/** What is served where no route of the API matches. */
export type Page = { file(path: string, acceptEncoding: string | undefined): PageFile | null }

const types: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
}

export function typeOf(path: string): string {
  return types[path.split('.').at(-1)!] ?? 'application/octet-stream'
}

/** A page that stands in for the console. Its reload is a script of its own, as no page may hold one. */
export function standInPage(title: string, text: string, { reloads }: { reloads: boolean }): PageFile {
  const script = reloads ? '<script src="/console-reload.js"></script>' : ''
  const html = `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="color-scheme" content="dark light">
<title>${escaped(title)}</title>${script}<h1>${escaped(title)}</h1><pre>${escaped(text)}</pre></html>`
  return { status: 503, headers: { 'content-type': types.html! }, body: Buffer.from(html) }
}

/** Keeps the fragment, in which a sign-in link has its code. */
export const reloadScript: PageFile = {
  status: 200,
  headers: { 'content-type': types.js! },
  body: Buffer.from('setTimeout(() => location.reload(), 500)\n'),
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
