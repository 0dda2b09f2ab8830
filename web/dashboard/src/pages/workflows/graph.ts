// Where the steps of a workflow stand: sends between two waits happen together, side by side.
import type { Step } from './model'

export interface Node {
  /** `trigger`, or the index of the step. */
  id: string
  step: Step | null
  x: number
  y: number
  width: number
  height: number
}

export interface Edge {
  from: string
  to: string
  path: string
  /** The condition of the step that it leads to. */
  when: string
}

export interface Drawn {
  nodes: Node[]
  edges: Edge[]
  width: number
  height: number
}

export const NODE = { width: 236, least: 144, height: 68, gap: 20, drop: 52 } as const

/** Lay the trigger and the steps out, row by row, centred; narrower where the room (pixels) is. */
export function draw(steps: Step[], room = Infinity): Drawn {
  const rows: (Step | null)[][] = [[null], ...rowsOf(steps)]
  const widest = Math.max(...rows.map((row) => rowWidth(row.length, widthOf(row.length, room))))
  const nodes = rows.map((row, place) => {
    const width = widthOf(row.length, room)
    const left = (widest - rowWidth(row.length, width)) / 2
    return row.map((step, column) => ({
      id: step === null ? 'trigger' : String(step.index),
      step,
      x: left + column * (width + NODE.gap),
      y: place * (NODE.height + NODE.drop),
      width,
      height: NODE.height,
    }))
  })
  const edges = nodes.slice(1).flatMap((row, place) =>
    row.flatMap((to) => (nodes[place] ?? []).map((from) => edge(from, to))),
  )
  return {
    nodes: nodes.flat(),
    edges,
    width: widest,
    height: rows.length * NODE.height + (rows.length - 1) * NODE.drop,
  }
}

function rowsOf(steps: Step[]): Step[][] {
  const rows: Step[][] = []
  for (const step of steps) {
    const last = rows.at(-1)
    if (step.kind === 'send' && last?.[0]?.kind === 'send') last.push(step)
    else rows.push([step])
  }
  return rows
}

/** Of each of so many nodes side by side. */
function widthOf(nodes: number, room: number): number {
  const fits = Math.floor((room - (nodes - 1) * NODE.gap) / nodes)
  return Math.max(NODE.least, Math.min(NODE.width, fits))
}

function rowWidth(nodes: number, width: number): number {
  return nodes * width + (nodes - 1) * NODE.gap
}

function edge(from: Node, to: Node): Edge {
  const x1 = from.x + from.width / 2
  const y1 = from.y + from.height
  const x2 = to.x + to.width / 2
  const y2 = to.y - 6
  const bend = (y2 - y1) / 2
  const when = to.step?.kind === 'send' ? to.step.when : ''
  const path = `M${x1} ${y1}C${x1} ${y1 + bend} ${x2} ${y2 - bend} ${x2} ${y2}`
  return { from: from.id, to: to.id, path, when }
}
