// Which addresses of items become links: http, https, mailto, and those of the same site.

const SCHEMES = new Set(['http:', 'https:', 'mailto:'])
// What browsers drop or turn around on their way to an address: a disguise, never needed.
const ODD = /[\u0000-\u0020\u007f-\u009f\u2028\u2029\\]/

/** The address if it may be a link, null if it is only text. */
export function safeLink(address: string | null | undefined, base?: string): string | null {
  const link = address?.trim()
  if (!link || ODD.test(link) || link.startsWith('//')) return null
  try {
    return SCHEMES.has(new URL(link, base ?? document.baseURI).protocol) ? link : null
  } catch {
    return null
  }
}

/** The address of a picture, which is fetched without being asked: no mail, no other schemes. */
export function safePicture(address: string | null | undefined): string | null {
  const link = safeLink(address)
  return link && !/^mailto:/i.test(link) ? link : null
}
