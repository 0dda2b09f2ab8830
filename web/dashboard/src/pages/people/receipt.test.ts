import { describe, expect, it } from 'vitest'
import { erasedWords, keptWords } from './receipt'

describe('the receipt of an erasure', () => {
  it('speaks of things people know, and shows a kind that is new as it is', () => {
    expect(erasedWords('contents')).toBe('Messages in the words they were told')
    expect(erasedWords('new_things')).toBe('New things')
    expect(keptWords('suppressions')).toContain('Suppressed addresses')
  })
})
