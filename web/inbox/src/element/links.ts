// Which addresses of items become links: http, https, mailto, and those of the same site.

const SCHEMES = new Set(['http:', 'https:', 'mailto:'])
// What browsers drop or turn around on their way to an address: a disguise, never needed.
const ODD = /[\u0000-\u0020\u007f-\u009f\u2028-\u202e\u2066-\u2069\\]/

/** The address if it may be a link, null if it is only text. */
export function safeLink(address: string | null | undefined, base?: string): string | null {
  const link = address?.trim()
  if (!link || ODD.test(link) || link.startsWith('//')) return null
  try {
    const url = new URL(link, base ?? document.baseURI)
    return SCHEMES.has(url.protocol) && !url.username && !url.password ? link : null
  } catch {
    return null
  }
}

/**
 * The address of a picture, which is fetched without being asked: https, and never of the page's own
 * site, where a GET comes with the reader's cookies and may do something.
 */
export function safePicture(address: string | null | undefined): string | null {
  const link = safeLink(address)
  if (!link || !/^https:/i.test(link)) return null
  const { hostname } = new URL(link)
  return hostname && hostname !== location.hostname ? link : null
}
