import { describe, expect, it } from 'vitest'
import { joined, parted, pieces, replaced } from './mail'
import { asText, filesOf, leadsTo, placesOf, sampleOf, variablesOf, withLocale, written } from './words'

const MAIL = `---
subject: {{ actor.name }} wrote
---
{% extends "layout.mjml" %}
{% block preview %}{{ data.text }}{% endblock %}
{% block content %}
<mj-text>Hello <strong>{{ user.name }}</strong></mj-text>
<mj-text padding="1px"> Bye </mj-text>
<mj-button href="https://app.example/{{ data.id }}">Answer</mj-button>
{% endblock %}
{% block why %}You follow this.{% endblock %}
`
const LAYOUT = '<mjml>{% block content %}{% endblock %}</mjml>'
const SOURCES = { 'note.mjml': MAIL, 'layout.mjml': LAYOUT, 'unused.txt': 'x' }
const DOCUMENT = {
  key: 'note',
  steps: [
    { delay: 'PT1M' },
    { send: { channel: 'inbox', template: { en: { title: 'Hi {{ data.who }}' }, de: { title: 'Hallo' } } } },
    { send: { channel: 'push', template: { title: 'Hi', data: { a: 1 } } } },
    { send: { channel: 'email', template: 'note.mjml' } },
    { send: { channel: 'email', template: { subject: 'Mine', body: 'note.mjml' } } },
  ],
}

describe('a template file', () => {
  it('is put together as it was taken apart', () => {
    expect(parted(MAIL).fields).toEqual([{ name: 'subject', text: '{{ actor.name }} wrote' }])
    expect(joined(parted(MAIL))).toBe(MAIL)
    expect(joined(parted(LAYOUT))).toBe(LAYOUT)
    expect(parted(joined({ fields: [{ name: 'subject', text: '"So"' }], body: 'x' })).fields).toEqual([
      { name: 'subject', text: '"So"' },
    ])
  })

  it('shows the pieces that people edit, and each can be replaced', () => {
    const body = parted(MAIL).body
    const found = pieces(body)
    expect(found.map((piece) => [piece.label, piece.text])).toEqual([
      ['Preview line', '{{ data.text }}'],
      ['Text 1', 'Hello <strong>{{ user.name }}</strong>'],
      ['Text 2', 'Bye'],
      ['Button leads to', 'https://app.example/{{ data.id }}'],
      ['Button', 'Answer'],
      ['Why', 'You follow this.'],
    ])
    for (const piece of found) {
      expect(body.slice(piece.start, piece.end)).toBe(piece.text)
      const again = pieces(replaced(body, piece, 'New words')).map((one) => one.text)
      expect(again).toEqual(found.map((one) => (one === piece ? 'New words' : one.text)))
    }
  })
})

describe('the words of a workflow', () => {
  const places = placesOf(DOCUMENT, SOURCES)

  it('are found wherever they are written', () => {
    expect(places.map((place) => [place.step, place.locale, place.file])).toEqual([
      [1, 'en', ''],
      [1, 'de', ''],
      [2, '', ''],
      [3, '', 'note.mjml'],
      [4, '', ''],
    ])
    expect(places[2]?.fields.map((field) => [field.name, field.plain])).toEqual([
      ['title', false],
      ['data', true],
    ])
    const own = places[4]?.fields.map((field) => [field.name, field.file])
    expect(own).toEqual([['subject', ''], ['body', 'note.mjml']])
    expect(filesOf(places, SOURCES)).toEqual(['note.mjml', 'layout.mjml'])
    expect(variablesOf(places, SOURCES)).toEqual([
      'actor.name', 'data.id', 'data.text', 'data.who', 'user.name',
    ])
  })

  it('are changed in the document where they stand there', () => {
    const changed = written(DOCUMENT, SOURCES, places[0]!, 'title', 'Good day')
    expect(changed.sources).toBe(SOURCES)
    expect(placesOf(changed.document, SOURCES)[0]?.fields).toMatchObject([{ text: 'Good day' }])
    expect(placesOf(changed.document, SOURCES)[1]).toEqual(places[1])
    const less = written(changed.document, SOURCES, places[0]!, 'title', '')
    expect(placesOf(less.document, SOURCES)[0]?.fields).toEqual([])
  })

  it('are changed in the file where they stand there', () => {
    const changed = written(DOCUMENT, SOURCES, places[3]!, 'subject', 'News')
    expect(changed.document).toBe(DOCUMENT)
    expect(parted(changed.sources['note.mjml']!).fields).toEqual([{ name: 'subject', text: 'News' }])
    const more = written(DOCUMENT, SOURCES, places[3]!, 'from', 'us')
    expect(parted(more.sources['note.mjml']!).fields).toHaveLength(2)
    const mine = written(DOCUMENT, SOURCES, places[4]!, 'subject', 'Ours')
    expect(mine.sources).toBe(SOURCES)
  })

  it('get another locale from those that are there', () => {
    const both = placesOf(withLocale(DOCUMENT, places[2]!, 'fr', 'en'), SOURCES)
    expect(both.filter((place) => place.step === 2).map((place) => place.locale)).toEqual(['en', 'fr'])
    const third = placesOf(withLocale(DOCUMENT, places[0]!, 'fr', 'en'), SOURCES)
    expect(third.filter((place) => place.step === 1).map((place) => place.locale)).toEqual([
      'en', 'de', 'fr',
    ])
  })

  it('are told as lines to compare', () => {
    expect(asText(places.slice(0, 1), (channel) => channel)).toBe(
      'inbox, step 2, en\n  Title: Hi {{ data.who }}',
    )
  })
})

describe('a pointer', () => {
  const [english, german] = placesOf(DOCUMENT, SOURCES)

  it('leads to a field of one locale', () => {
    const pointer = '/steps/1/send/template/en/title'
    expect(leadsTo(pointer, english!, 'title')).toBe(true)
    expect(leadsTo(pointer, english!)).toBe(true)
    expect(leadsTo(pointer, german!, 'title')).toBe(false)
    expect(leadsTo(pointer, german!)).toBe(false)
    expect(leadsTo('/steps/1/send/template', german!)).toBe(true)
  })
})

describe('a sample', () => {
  it('has something for every name of the event', () => {
    expect(sampleOf(['actor.name', 'data.order.items', 'data.store_id', 'data.code'])).toEqual({
      order: { items: 7 },
      store_id: 'store-1',
      code: 'code',
    })
  })
})
