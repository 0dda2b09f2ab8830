// The lanes over the last minutes, as this tab saw them: the API keeps no history.
import { api } from './api'
import { poll } from './live'
import { keyInUse } from './session'

export interface Lane {
  lane: string
  depth: number
  ready: number
  sending: number
  tasks: number
  held: number
  held_overdue_seconds: number
  oldest_age_seconds: number
  rate_per_second: number
  /** null: no message was taken in the last ten seconds. */
  waited_half_seconds: number | null
  waited_most_seconds: number | null
  yielding: boolean
  headway: number
}

export const LANES = ['critical', 'transactional', 'social', 'bulk'] as const

type Points = Record<string, (number | null)[]>

interface Watched {
  lanes: Lane[] | null
  error: unknown
  /** Seconds since 1970 of the readings. */
  times: number[]
  rates: Points
  ages: Points
  middle: Points
  slowest: Points
  /** Milliseconds; 0 before anything was seen. */
  since: number
}

const EVERY_SECONDS = 2
const KEPT_SECONDS = 900

let state = $state.raw<Watched>(empty())
let whose: string | null = null

/** The lanes, their history, and why they could not be read. */
export function lanesSeen(): Watched {
  return state
}

/** Look at the lanes as long as the component is there. */
export function watchLanes(): { now: () => void } {
  if (whose !== keyInUse()) {
    whose = keyInUse()
    state = empty()
  }
  let now = (): void => undefined
  $effect(() => {
    const lanes = poll(readLanes, EVERY_SECONDS)
    now = lanes.now
    return () => {
      lanes.stop()
    }
  })
  return { now: () => now() }
}

async function readLanes(signal: AbortSignal): Promise<void> {
  try {
    const { data } = await api.get<{ data: Lane[] }>('/v1/lanes', {}, { signal })
    const at = Date.now() / 1000
    const of = (pick: (lane: Lane) => number | null) => new Map(data.map((row) => [row.lane, pick(row)]))
    const found = {
      rates: of((row) => row.rate_per_second),
      ages: of((row) => row.oldest_age_seconds),
      middle: of((row) => row.waited_half_seconds),
      slowest: of((row) => row.waited_most_seconds),
    }
    const { rates, ages, middle, slowest } = state
    const gap = interrupted(state.times, at, EVERY_SECONDS)
    state = {
      ...state,
      ...cut(state.times, gap ? [at - 0.001, at] : [at], { rates, ages, middle, slowest }, {
        rates: gap ? [new Map(), found.rates] : [found.rates],
        ages: gap ? [new Map(), found.ages] : [found.ages],
        middle: gap ? [new Map(), found.middle] : [found.middle],
        slowest: gap ? [new Map(), found.slowest] : [found.slowest],
      }),
      lanes: data,
      error: null,
      since: state.since || Date.now(),
    }
  } catch (error) {
    if (!signal.aborted) state = { ...state, error }
    throw error
  }
}

/** Was nobody looking for a while? Then the line is broken rather than drawn across. */
function interrupted(times: number[], at: number, every: number): boolean {
  const last = times.at(-1)
  return last !== undefined && at - last > every * 5
}

function cut<K extends string>(
  times: number[],
  more: number[],
  points: Record<K, Points>,
  values: Record<K, Map<string, number | null>[]>,
): { times: number[] } & Record<K, Points> {
  const all = [...times, ...more]
  const oldest = (all.at(-1) ?? 0) - KEPT_SECONDS
  const from = all.findIndex((time) => time >= oldest)
  const kept: Record<string, unknown> = { times: all.slice(from) }
  for (const name of Object.keys(points) as K[]) {
    const lines: Points = {}
    for (const lane of LANES) {
      const line = points[name][lane] ?? []
      lines[lane] = [...line, ...values[name].map((one) => one.get(lane) ?? null)].slice(from)
    }
    kept[name] = lines
  }
  return kept as { times: number[] } & Record<K, Points>
}

function empty(): Watched {
  return {
    lanes: null,
    error: null,
    times: [],
    rates: {},
    ages: {},
    middle: {},
    slowest: {},
    since: 0,
  }
}
