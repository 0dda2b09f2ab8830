import { expect, test } from 'vitest'
import { safeLink, safePicture } from './links.js'

test.each(['https://a.example/x', 'http://a.example', 'mailto:a@b.example', '/orders/1', 'x?y#z'])(
  '%s is a link',
  (address) => expect(safeLink(address)).toBe(address),
)

test.each([
  'javascript:alert(1)',
  'JavaScript:alert(1)',
  'java\nscript:alert(1)',
  '\u0001javascript:alert(1)',
  'data:text/html,<script>1</script>',
  'vbscript:x',
  'file:///etc/passwd',
  'blob:https://a.example/1',
  '//evil.example/x',
  '/\\evil.example',
  'http://',
  'intent://x',
  'https://bank.example@evil.example/',
  'https://a.example/\u202egpj',
  '/\u2066x',
  '',
  null,
  undefined,
])('%j is none', (address) => expect(safeLink(address)).toBeNull())

test('a picture is fetched from the web only', () => {
  expect(safePicture('https://a.example/x.png')).toBe('https://a.example/x.png')
  expect(safePicture('mailto:a@b.example')).toBeNull()
  expect(safePicture('data:image/png;base64,AA')).toBeNull()
  expect(safePicture('http://a.example/x.png')).toBeNull()
})

test('no picture is fetched from the site of the page', () => {
  for (const own of ['/logout?all=1', 'logout', `https://${location.hostname}/x`, `${location.origin}/x`])
    expect(safePicture(own)).toBeNull()
})
