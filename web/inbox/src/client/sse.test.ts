import { expect, test } from 'vitest'
import { SentEvents } from './sse.js'

interface Case {
  readonly name: string
  readonly text: string
  readonly events: readonly { event: string; data: string; id: string }[]
}

const CASES: readonly Case[] = [
  {
    name: 'several lines of data are one text',
    text: 'data: one\ndata: +2\ndata: 3\n\n',
    events: [{ event: 'message', data: 'one\n+2\n3', id: '' }],
  },
  {
    name: 'comments are nothing, and an id holds until the next',
    text: ': heartbeat\n\nid: 1\ndata: a\n\ndata:b\n\nid\ndata:  c\n\n',
    events: [
      { event: 'message', data: 'a', id: '1' },
      { event: 'message', data: 'b', id: '1' },
      { event: 'message', data: ' c', id: '' },
    ],
  },
  {
    name: 'lines end by CRLF or by CR',
    text: 'event: x\r\ndata: 3\r\nid: 42\r\n\r\ndata: a\rdata: b\r\r',
    events: [
      { event: 'x', data: '3', id: '42' },
      { event: 'message', data: 'a\nb', id: '42' },
    ],
  },
  {
    name: 'without data nothing is told, but the id holds',
    text: 'id: 7\nevent: x\n\ndata: y\n\n',
    events: [{ event: 'message', data: 'y', id: '7' }],
  },
  {
    name: 'an id with NUL is left out',
    text: 'id: a\0b\ndata: z\n\n',
    events: [{ event: 'message', data: 'z', id: '' }],
  },
  {
    name: 'a mark of byte order is dropped, and half an event is none',
    text: '\uFEFFdata: b\n\ndata: half',
    events: [{ event: 'message', data: 'b', id: '' }],
  },
]

test.each(CASES)('$name', ({ text, events }) => {
  expect(new SentEvents().push(text)).toEqual(events)
})

test.each(CASES)('$name, one character at a time', ({ text, events }) => {
  const reader = new SentEvents()
  expect([...text].flatMap((character) => reader.push(character))).toEqual(events)
})

test('the time to wait before a repeat is all digits', () => {
  const reader = new SentEvents()
  reader.push('retry: 5000\nretry: 5s\n')
  expect(reader.retryMilliseconds).toBe(5000)
})
