import { expect, test } from 'vitest'
import { emptied } from './content'

test('a link that leads nowhere is said', () => {
  expect(emptied({ html: '<p><a class="b" href="">Track it</a> <a href="https://x.example/1">x</a></p>' })).toEqual([
    'A link in it leads nowhere',
  ])
  expect(emptied({ html: '<a href="#">a</a><a href=\'\'>b</a>' })).toEqual(['2 links in it lead nowhere'])
})

test('words that came out empty are said, those that are not there are not', () => {
  expect(emptied({ title: ' ', body: 'Hello' })).toEqual(['The title was rendered as nothing'])
  expect(emptied({ title: 'Hi', url: '' })).toEqual(['The address that it opens was rendered as nothing'])
  expect(emptied({ title: 'Hi', body: 'Hello', url: 'https://x.example' })).toEqual([])
})
