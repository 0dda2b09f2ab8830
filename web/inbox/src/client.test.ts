import { expect, test } from 'vitest'
import { version } from './client.js'

test('the client says which version it is', () => {
  expect(version).toBe('0')
})
