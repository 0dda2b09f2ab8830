// Template files as people read them: fields in front, and the pieces of text inside a mail.

export interface Front {
  name: string
  text: string
}

export interface File {
  fields: Front[]
  body: string
}

const FRONT = /^---[ \t]*\n((?:.*\n)*?)---[ \t]*(?:\n|$)/
const LINE = /^([a-z_]+):[ \t]+(\S.*)$/

/** A template file taken apart: what stands between the two `---`, and the rest. */
export function parted(source: string): File {
  const found = FRONT.exec(source)
  if (found === null) return { fields: [], body: source }
  const fields = (found[1] ?? '').split('\n').flatMap((line) => {
    const entry = LINE.exec(line.trimEnd())
    return entry === null ? [] : [{ name: entry[1] ?? '', text: unquoted(entry[2] ?? '') }]
  })
  return { fields, body: source.slice(found[0].length) }
}

/** The file of the parts. A field of several lines is written on one. */
export function joined(file: File): string {
  const lines = file.fields
    .map((field) => ({ name: field.name, text: oneLine(field.text) }))
    .filter((field) => field.text !== '')
    .map((field) => `${field.name}: ${quotedWhereNeeded(field.text)}\n`)
  return lines.length === 0 ? file.body : `---\n${lines.join('')}---\n${file.body}`
}

export interface Piece {
  label: string
  text: string
  /** Where it stands in the body. */
  start: number
  end: number
  /** A link rather than words. */
  link?: boolean
}

const TAGS = /<(mj-text|mj-button|mj-preview|h[1-6]|p|title)\b((?:"[^"]*"|'[^']*'|[^>"'])*)>([\s\S]*?)<\/\1>/g
const BLOCKS = /\{%[-+]?\s*block\s+(\w+)\s*[-+]?%\}([\s\S]*?)\{%[-+]?\s*endblock(?:\s+\w+)?\s*[-+]?%\}/g
const HREF = /\bhref\s*=\s*(["'])([\s\S]*?)\1/

const NAMES: Record<string, string> = {
  'mj-text': 'Text',
  'mj-button': 'Button',
  'mj-preview': 'Preview line',
  p: 'Text',
  title: 'Title',
}

/** The pieces of text of an MJML or HTML body that somebody edits without seeing the rest. */
export function pieces(body: string): Piece[] {
  const found: Piece[] = []
  for (const match of body.matchAll(TAGS)) {
    const [whole, tag = '', attributes = '', inner = ''] = match
    const open = match.index + 1 + tag.length
    const start = match.index + whole.length - inner.length - `</${tag}>`.length
    const label = NAMES[tag] ?? 'Heading'
    if (!/\{%\s*block/.test(inner)) found.push(piece(label, inner, start))
    const href = HREF.exec(attributes)
    if (href !== null) {
      const at = open + href.index + href[0].length - 1 - (href[2] ?? '').length
      found.push({ ...piece(`${label} leads to`, href[2] ?? '', at), link: true })
    }
  }
  for (const match of body.matchAll(BLOCKS)) {
    const [whole, name = '', inner = ''] = match
    if (/<\w|\{%/.test(inner)) continue
    const start = match.index + whole.indexOf('%}') + 2
    if (found.some((one) => one.start <= start && start <= one.end)) continue
    found.push(piece(heading(name), inner, start))
  }
  return numbered(found.filter((one) => one.text.trim() !== '').sort((a, b) => a.start - b.start))
}

/** The body with another text in the place of a piece. */
export function replaced(body: string, place: Piece, text: string): string {
  return body.slice(0, place.start) + text + body.slice(place.end)
}

function piece(label: string, inner: string, start: number): Piece {
  const before = inner.length - inner.trimStart().length
  const text = inner.trim()
  return { label, text, start: start + before, end: start + before + text.length }
}

function numbered(found: Piece[]): Piece[] {
  const seen = new Map<string, number>()
  const totals = new Map<string, number>()
  for (const one of found) totals.set(one.label, (totals.get(one.label) ?? 0) + 1)
  return found.map((one) => {
    const number = (seen.get(one.label) ?? 0) + 1
    seen.set(one.label, number)
    return (totals.get(one.label) ?? 0) > 1 ? { ...one, label: `${one.label} ${number}` } : one
  })
}

function heading(block: string): string {
  const text = block.replaceAll('_', ' ')
  return text === 'preview' ? 'Preview line' : text.charAt(0).toUpperCase() + text.slice(1)
}

function unquoted(text: string): string {
  const first = text[0]
  const quoted = text.length > 1 && first === text.at(-1) && (first === '"' || first === "'")
  return quoted ? text.slice(1, -1) : text
}

function quotedWhereNeeded(text: string): string {
  return unquoted(text) === text ? text : `"${text}"`
}

function oneLine(text: string): string {
  return text.replace(/\s*\n\s*/g, ' ').trim()
}
