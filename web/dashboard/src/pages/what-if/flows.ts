// The difference as a picture: bands that lead from each answer then to the answer under the change.
import { reason, type Tone } from '../../lib/words'
import type { Flow, Side } from './simulation'

export interface Box {
  key: string
  label: string
  tone: Tone
  count: number
  top: number
  height: number
}

export interface Band {
  flow: Flow
  tone: Tone
  /** An SVG path from the left boxes to the right ones. */
  path: string
}

export interface Picture {
  left: Box[]
  right: Box[]
  bands: Band[]
  height: number
}

const TONES: Record<string, Tone> = { send: 'good', hold: 'warn', digest: 'info', skip: 'quiet' }
const RESULTS: Record<string, string> = {
  send: 'Sent',
  hold: 'Held',
  digest: 'In a digest',
  skip: 'Not sent',
  none: 'No such step',
}

/** An answer in words: `Held: it is their quiet hours`. */
export function words(side: Side): string {
  const word = RESULTS[side.result] ?? side.result
  if (side.result === 'send' || side.reason === null) return word
  return `${word}: ${reason(side.reason)}`
}

export function tone(side: Side): Tone {
  return TONES[side.result] ?? 'quiet'
}

const SMALLEST = 26
const GAP = 10

/** Lay the flows of a channel (or of all) out between `leftX` and `rightX`. Heights go by counts, but
 * what is rare is high enough to be seen and hit. */
export function picture(flows: Flow[], leftX: number, rightX: number, room = 320): Picture {
  const sum = flows.reduce((all, flow) => all + flow.count, 0)
  const sized = flows
    .map((flow) => ({ flow, size: Math.max((flow.count / Math.max(sum, 1)) * room, SMALLEST) }))
    .sort((one, other) => other.flow.count - one.flow.count)
  const left = boxes(sized, (flow) => flow.before)
  const right = boxes(sized, (flow) => flow.after)
  const used = new Map<string, number>()
  const bands = sized.map(({ flow, size }) => {
    const from = place(left, used, `l${identity(flow.before)}`, identity(flow.before), size)
    const to = place(right, used, `r${identity(flow.after)}`, identity(flow.after), size)
    return { flow, tone: tone(flow.after), path: band(leftX, from, rightX, to, size) }
  })
  const height = Math.max(...[left, right].map((list) => bottom(list)), 0)
  return { left, right, bands, height }
}

function identity(side: Side): string {
  return `${side.result} ${side.result === 'send' ? '' : (side.reason ?? '')}`
}

function boxes(sized: { flow: Flow; size: number }[], side: (flow: Flow) => Side): Box[] {
  const found = new Map<string, Box>()
  for (const { flow, size } of sized) {
    const one = side(flow)
    const key = identity(one)
    const box = found.get(key) ?? { key, label: words(one), tone: tone(one), count: 0, top: 0, height: 0 }
    box.count += flow.count
    box.height += size
    found.set(key, box)
  }
  let top = 0
  for (const box of found.values()) {
    box.top = top
    top += box.height + GAP
  }
  return [...found.values()]
}

function place(list: Box[], used: Map<string, number>, slot: string, key: string, size: number): number {
  const box = list.find((one) => one.key === key)
  const offset = used.get(slot) ?? 0
  used.set(slot, offset + size)
  return (box?.top ?? 0) + offset
}

function bottom(list: Box[]): number {
  const last = list.at(-1)
  return last === undefined ? 0 : last.top + last.height
}

function band(x: number, y: number, toX: number, toY: number, size: number): string {
  const middle = (x + toX) / 2
  return [
    `M${x},${round(y)}`,
    `C${middle},${round(y)} ${middle},${round(toY)} ${toX},${round(toY)}`,
    `V${round(toY + size)}`,
    `C${middle},${round(toY + size)} ${middle},${round(y + size)} ${x},${round(y + size)}`,
    'Z',
  ].join(' ')
}

function round(number: number): number {
  return Math.round(number * 10) / 10
}
