import { expect, test } from 'vitest'
import { TERMS } from './terms'

test('a hint is short enough to be read out', () => {
  for (const [term, text] of Object.entries(TERMS)) {
    expect(text.length, term).toBeLessThan(200)
    expect(text, term).toMatch(/^[A-Z].*\.$/)
  }
})
