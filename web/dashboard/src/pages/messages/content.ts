// What a rendered message holds, whatever its channel.

export type Content = Record<string, unknown>

export interface Button {
  label: string
  url: string
}

/** A field as text; numbers too, everything else is none. */
export function text(content: Content, name: string): string {
  const value = content[name]
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : ''
}

/** The action buttons of an inbox item. */
export function buttonsOf(content: Content): Button[] {
  const actions = content['actions']
  if (!Array.isArray(actions)) return []
  return actions.flatMap((action: unknown) => {
    if (typeof action !== 'object' || action === null) return []
    const { label, title, url } = action as Record<string, unknown>
    const word = typeof label === 'string' ? label : typeof title === 'string' ? title : ''
    return word ? [{ label: word, url: typeof url === 'string' ? url : '' }] : []
  })
}

/** One line that stands for the message, in lists. */
export function headline(content: Content): string {
  const found = text(content, 'title') || text(content, 'subject') || text(content, 'body')
  if (found) return found.split('\n')[0] ?? ''
  const body = content['body']
  return typeof body === 'object' && body !== null ? JSON.stringify(body) : 'No words'
}

/** What nobody sees on a phone: fields beside the words. */
export function rest(content: Content): Content {
  const seen = new Set(['title', 'body', 'url', 'image', 'actions', 'subject', 'html', 'text', 'from', 'reply_to'])
  return Object.fromEntries(Object.entries(content).filter(([name]) => !seen.has(name)))
}

const NOWHERE = /<a\b(?=[^>]*\shref\s*=\s*(?:""|''|"#"|'#'|"https?:\/\/"|'https?:\/\/'))[^>]*>/gi
const WORDS = ['title', 'subject', 'body', 'url', 'html', 'text']

/** What came out empty where the template has something: words, addresses of links and buttons. */
export function emptied(content: Content): string[] {
  const found = WORDS.filter((name) => typeof content[name] === 'string' && (content[name] as string).trim() === '')
    .map((name) => `The ${name === 'url' ? 'address that it opens' : name} was rendered as nothing`)
  const links = (text(content, 'html').match(NOWHERE) ?? []).length
  if (links > 0) found.push(links === 1 ? 'A link in it leads nowhere' : `${links} links in it lead nowhere`)
  for (const button of buttonsOf(content)) if (!button.url.trim()) found.push(`The button ${button.label} leads nowhere`)
  return found
}
