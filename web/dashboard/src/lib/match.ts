// Addresses inside the page: `#/notifications/ntf_1?tab=trace`.

export type Query = Record<string, string>
export type QueryInput = Record<string, string | number | boolean | null | undefined>

export interface Address {
  path: string
  query: Query
}

/** `#/a/b?c=d` as a path and its query; anything else is the start page. */
export function read(hash: string): Address {
  const text = hash.startsWith('#/') ? hash.slice(1) : '/'
  const [path = '/', search = ''] = split(text)
  const query: Query = {}
  for (const [name, value] of new URLSearchParams(search)) query[name] = value
  return { path: path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path, query }
}

/** The address of a page, for links. Values that are null, undefined, false or empty are left out. */
export function href(path: string, query: QueryInput = {}): string {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    if (value !== null && value !== undefined && value !== '' && value !== false) {
      search.set(name, String(value))
    }
  }
  const text = search.toString()
  return `#${path}${text ? `?${text}` : ''}`
}

/** What stands for `:name` in a pattern; null where the path is another one. */
export function match(pattern: string, path: string): Query | null {
  const wanted = pattern.split('/')
  const found = path.split('/')
  if (wanted.length !== found.length) return null
  const params: Query = {}
  for (const [place, word] of wanted.entries()) {
    const part = found[place] ?? ''
    if (word.startsWith(':')) {
      const value = decoded(part)
      if (!value) return null
      params[word.slice(1)] = value
    } else if (word !== part) return null
  }
  return params
}

/** One part of a path, for `href`. */
export function part(text: string): string {
  return encodeURIComponent(text)
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return ''
  }
}

function split(text: string): [string, string] {
  const at = text.indexOf('?')
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)]
}
