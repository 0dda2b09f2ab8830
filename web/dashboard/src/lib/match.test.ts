import { describe, expect, test } from 'vitest'
import { href, match, part, read } from './match'

describe('addresses inside the page', () => {
  test('a path and its query come back as they were written', () => {
    const written = href(`/people/${part('a/b?c#d')}`, { q: 'ö & ü', none: '', off: null })
    const { path, query } = read(written)
    expect(match('/people/:id', path)).toEqual({ id: 'a/b?c#d' })
    expect(query).toEqual({ q: 'ö & ü' })
  })

  test('what is no address is the start page', () => {
    expect(read('')).toEqual({ path: '/', query: {} })
    expect(read('#main')).toEqual({ path: '/', query: {} })
  })

  test('a slash at the end does not matter', () => {
    expect(read('#/lanes/').path).toBe('/lanes')
  })

  test('a pattern takes neither more nor less parts, nor empty ones, nor broken escapes', () => {
    expect(match('/people/:id', '/people')).toBeNull()
    expect(match('/people/:id', '/people/')).toBeNull()
    expect(match('/people/:id', '/people/u1/devices')).toBeNull()
    expect(match('/people/:id', '/people/%E0%A4%A')).toBeNull()
    expect(match('/lanes', '/blasts')).toBeNull()
  })
})
