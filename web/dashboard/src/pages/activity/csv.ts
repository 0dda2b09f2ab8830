// What is shown, as a file for a spreadsheet.
import type { Summary } from '../told'

const COLUMNS = [
  'decided_at', 'status', 'verdict', 'user', 'title', 'type', 'workflow', 'tenant', 'channels', 'reasons', 'until',
  'correlation_id', 'event_id', 'id',
] as const

/** RFC 4180, with a line of names. */
export function csv(rows: Summary[]): string {
  const lines = [COLUMNS.join(',')]
  for (const row of rows) {
    const { steps, channels, ...plain } = row
    const cells: Record<string, string | null> = {
      ...plain,
      channels: channels.map((one) => `${one.channel}:${one.became}`).join(' '),
      reasons: [...new Set(steps.map((step) => step.reason))].join(' '),
    }
    lines.push(COLUMNS.map((name) => cell(cells[name] ?? '')).join(','))
  }
  return `${lines.join('\r\n')}\r\n`
}

// A cell that a spreadsheet would take for a formula is written as text.
function cell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

/** Hand a text to the browser as a file. */
export function save(name: string, type: string, text: string): void {
  const address = URL.createObjectURL(new Blob([text], { type }))
  const link = document.createElement('a')
  link.href = address
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(address), 10_000)
}
