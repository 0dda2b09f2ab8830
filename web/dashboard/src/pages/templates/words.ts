// The words of a workflow: every field of every channel and locale, wherever it is written.
import { record, type Document } from '../workflows/model'
import { joined, parted } from './mail'

export type Sources = Record<string, string>

/** One field as somebody edits it. `file`: it is written in that template file. */
export interface Words {
  name: string
  text: string
  file: string
  /** A number or flag of the document, or a mapping as JSON: not words. */
  plain: boolean
}

/** One template: of a step in a locale (`''`: for everybody). */
export interface Place {
  step: number
  channel: string
  locale: string
  fields: Words[]
  /** The whole template is this file. */
  file: string
}

const LOCALE = /^[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?$/
const NO_LOCALES = new Set(['url', 'ttl'])
const FILE = /^[\w.-]+(\/[\w.-]+)*\.(mjml|html|txt)$/

/** Fields by channel, those that people write first; the others may be added. */
export const FIELDS: Record<string, string[]> = {
  inbox: ['title', 'body', 'url', 'image'],
  push: ['title', 'body', 'url', 'image', 'collapse_key'],
  email: ['subject', 'body', 'text', 'from', 'reply_to'],
  sms: ['body'],
  chat: ['body'],
  webhook: ['url'],
}

export const FIELD_WORDS: Record<string, string> = {
  title: 'Title',
  body: 'Text',
  url: 'Link',
  image: 'Image address',
  subject: 'Subject',
  text: 'Text part',
  from: 'From',
  reply_to: 'Reply to',
  collapse_key: 'Replaces pushes with the same',
}

export function isLocale(word: string): boolean {
  return LOCALE.test(word) && !NO_LOCALES.has(word)
}

/** All templates of a workflow, in the order of its steps. */
export function placesOf(document: Document, sources: Sources): Place[] {
  const steps = Array.isArray(document['steps']) ? document['steps'] : []
  return steps.flatMap((step: unknown, index) => {
    const send = record(record(step)['send'])
    if (!('channel' in send)) return []
    const channel = String(send['channel'])
    const template = send['template']
    const mapping = record(template)
    const locales = Object.keys(mapping).filter(isLocale)
    if (locales.length === 0) return [placeOf(index, channel, '', template, sources)]
    return locales.map((locale) => placeOf(index, channel, locale, mapping[locale], sources))
  })
}

/** Files that the words are in, and the layouts that these extend. */
export function filesOf(places: Place[], sources: Sources): string[] {
  const found = new Set<string>()
  const follow = (name: string): void => {
    if (found.has(name) || !(name in sources)) return
    found.add(name)
    for (const layout of layoutsOf(sources[name] ?? '')) follow(layout)
  }
  for (const place of places) {
    if (place.file) follow(place.file)
    for (const field of place.fields) if (field.file) follow(field.file)
  }
  return [...found]
}

export function layoutsOf(source: string): string[] {
  return [...source.matchAll(/\{%[-+]?\s*extends\s+["'](.+?)["']/g)].map((match) => match[1] ?? '')
}

export interface Changed {
  document: Document
  sources: Sources
}

/** The same workflow with another text in one field; what is empty is taken out. */
export function written(
  document: Document,
  sources: Sources,
  place: Place,
  name: string,
  text: string,
): Changed {
  const field = place.fields.find((one) => one.name === name)
  const file = field?.file ?? (place.file && name !== 'body' ? place.file : '')
  if (file) return { document, sources: { ...sources, [file]: inFile(sources[file] ?? '', name, text) } }
  const copy = structuredClone(document)
  const steps = copy['steps'] as Record<string, unknown>[]
  const send = steps[place.step]?.['send'] as Record<string, unknown>
  let template = send['template']
  if (place.locale !== '') template = record(template)[place.locale]
  const fields = typeof template === 'object' && template !== null ? { ...record(template) } : {}
  if (text === '') delete fields[name]
  else fields[name] = text
  if (place.locale === '') send['template'] = fields
  else send['template'] = { ...record(send['template']), [place.locale]: fields }
  return { document: copy, sources }
}

/** The same workflow with one more locale for a step, beginning with the words of another. */
export function withLocale(document: Document, place: Place, locale: string, first: string): Document {
  const copy = structuredClone(document)
  const steps = copy['steps'] as Record<string, unknown>[]
  const send = steps[place.step]?.['send'] as Record<string, unknown>
  const fields = Object.fromEntries(
    place.fields.filter((field) => !field.plain).map((field) => [field.name, field.text]),
  )
  const kept = place.locale === '' ? { [first]: send['template'] } : record(send['template'])
  send['template'] = { ...kept, [locale]: fields }
  return copy
}

/** Names that the words use: `data.code`, `user.name`. */
export function variablesOf(places: Place[], sources: Sources): string[] {
  const texts = places.flatMap((place) => place.fields.map((field) => field.text))
  for (const name of filesOf(places, sources)) texts.push(sources[name] ?? '')
  const found = new Set<string>()
  for (const text of texts) {
    for (const output of text.matchAll(/\{[{%]([\s\S]*?)[%}]\}/g)) {
      const inside = (output[1] ?? '').replace(/"[^"]*"|'[^']*'/g, '')
      for (const name of inside.matchAll(/\b(?:user|actor|data|event|tenant)(?:\.\w+)+/g)) found.add(name[0])
    }
  }
  return [...found].sort()
}

/** Names that every template may use, whatever the event holds. */
export const ALWAYS = ['user.name', 'actor.name', 'event.type', 'now']

/** Something to fill `data` with where nobody said what an event holds. */
export function sampleOf(variables: string[]): Record<string, unknown> {
  const sample: Record<string, unknown> = {}
  for (const variable of variables) {
    const path = variable.split('.')
    if (path[0] !== 'data' || path.length < 2) continue
    let inside = sample
    for (const name of path.slice(1, -1)) inside = inside[name] = { ...record(inside[name]) }
    const last = path.at(-1) ?? ''
    if (!(last in inside)) inside[last] = example(last)
  }
  return sample
}

/** All words as lines, for people to compare. */
export function asText(places: Place[], said: (channel: string) => string): string {
  return places
    .map((place) => {
      const head = `${said(place.channel)}, step ${place.step + 1}${place.locale ? `, ${place.locale}` : ''}`
      const lines = place.fields.map((field) => `  ${FIELD_WORDS[field.name] ?? field.name}: ${field.text}`)
      return [head, ...lines].join('\n')
    })
    .join('\n\n')
}

/** Does a problem's pointer lead to this template, or to this field of it? */
export function leadsTo(pointer: string, place: Place, name?: string): boolean {
  const at = `/steps/${place.step}/send/template`
  const here = place.locale ? `${at}/${place.locale}` : at
  if (name === undefined) return pointer === here || pointer === at || pointer.startsWith(`${here}/`)
  return pointer === `${here}/${name}` || pointer.startsWith(`${here}/${name}/`)
}

function placeOf(
  step: number,
  channel: string,
  locale: string,
  template: unknown,
  sources: Sources,
): Place {
  if (typeof template === 'string') {
    return { step, channel, locale, file: template, fields: ofFile(template, sources) }
  }
  const fields = Object.entries(record(template)).flatMap(([name, value]): Words[] => {
    if (typeof value !== 'string') {
      return [{ name, text: JSON.stringify(value, null, 2), file: '', plain: true }]
    }
    if (name === 'body' && FILE.test(value) && value in sources) {
      return ofFile(value, sources).filter(
        (field) => field.name === 'body' || !(field.name in record(template)),
      )
    }
    return [{ name, text: value, file: '', plain: false }]
  })
  return { step, channel, locale, file: '', fields }
}

function ofFile(name: string, sources: Sources): Words[] {
  const { fields, body } = parted(sources[name] ?? '')
  return [
    ...fields.map((field) => ({ ...field, file: name, plain: false })),
    { name: 'body', text: body, file: name, plain: false },
  ]
}

function inFile(source: string, name: string, text: string): string {
  const { fields, body } = parted(source)
  if (name === 'body') return joined({ fields, body: text })
  const there = fields.some((field) => field.name === name)
  const next = there
    ? fields.map((field) => (field.name === name ? { name, text } : field))
    : [...fields, { name, text }]
  return joined({ fields: next, body })
}

function example(name: string): unknown {
  if (/(^|_)(count|number|total|amount|percent|items|quantity)$/.test(name)) return 7
  if (/(_at|^at|date|time)$/.test(name)) return '2026-01-02T14:05:00Z'
  if (/(^|_)id$/.test(name)) return `${name.replace(/_?id$/, '') || 'thing'}-1`
  if (/(url|link)$/.test(name)) return 'https://example.org/'
  return name.replaceAll('_', ' ')
}
