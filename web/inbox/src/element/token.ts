// Where the component gets the user's token from: a function of the page, or an address of its server.

/** The page's function, else one that asks the address; null when there is neither. */
export function tokenFrom(
  given: (() => string | Promise<string>) | null,
  address: string,
): (() => string | Promise<string>) | null {
  return given ?? (address ? () => ask(address) : null)
}

/** The answer is `{"token": "..."}`, as Clarion gave it to the page's server, or the token as text. */
async function ask(address: string): Promise<string> {
  const headers = { Accept: 'application/json' }
  const answer = await fetch(address, { headers, cache: 'no-store', credentials: 'same-origin' })
  if (!answer.ok) throw new Error(`${address} answered ${answer.status}`)
  const text = await answer.text()
  if (!text.startsWith('{')) return text.trim()
  const said = JSON.parse(text) as { readonly token?: unknown }
  if (typeof said.token !== 'string') throw new Error(`${address} answered without a "token"`)
  return said.token
}
