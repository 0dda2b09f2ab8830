import { expect, test } from 'vitest'
import { directionOf, fill, knownLocale, LOCALES, messagesOf } from './locales.js'

const gaps = (text: string) => [...text.matchAll(/\{\w+\}/g)].map((found) => found[0]).sort()

test.each(Object.keys(LOCALES))('%s says everything, with the same gaps', (locale) => {
  const english = messagesOf('en')
  for (const [name, text] of Object.entries(messagesOf(locale))) {
    expect(text, name).not.toBe('')
    expect(gaps(text), name).toEqual(gaps(english[name as keyof typeof english]))
  }
})

test('a region speaks its language, an unknown language English, a page its own words', () => {
  expect(messagesOf('de-AT').all).toBe('Alle')
  expect(messagesOf('xx').all).toBe('All')
  expect(messagesOf('en', { title: 'News' }).title).toBe('News')
})

test('directions, and locales that are none', () => {
  expect(directionOf('ar-EG')).toBe('rtl')
  expect(directionOf('ja')).toBe('ltr')
  expect(knownLocale('de_odd!')).toBe('en')
  expect(knownLocale('pt-BR')).toBe('pt-BR')
})

test('what fills a gap is not filled again', () => {
  expect(fill('New: {title}', { title: '{count}', count: '3' })).toBe('New: {count}')
})
