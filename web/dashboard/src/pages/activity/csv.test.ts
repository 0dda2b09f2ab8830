import { expect, test } from 'vitest'
import type { Summary } from '../told'
import { csv } from './csv'
import { A_SUMMARY } from './fixtures'

test('every row is a line, behind one of names', () => {
  const [names, row, end] = csv([A_SUMMARY]).split('\r\n')
  expect(names).toMatch(/^decided_at,status,verdict,user,/)
  expect(row).toContain('inbox:sent email:not_sent,level_all no_consent')
  expect(row).toContain(A_SUMMARY.id)
  expect(end).toBe('')
})

test('what would be a formula or break the line is only text', () => {
  const user = '=HYPERLINK("http://x","y")'
  const text = csv([{ ...A_SUMMARY, user, tenant: 'a\nb' } as Summary])
  expect(text).toContain(`"'=HYPERLINK(""http://x"",""y"")"`)
  expect(text).toContain('"a\nb"')
})
