// The lanes over the last minutes, as this tab saw them: the API keeps no history.
import { api } from './api'
import { poll } from './live'
import { between, latencies, quantile, type Buckets } from './quantile'
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
  yielding: boolean
  headway: number
}

export const LANES = ['critical', 'transactional', 'social', 'bulk'] as const

type Points = Record<string, (number | null)[]>

interface Watched {
  lanes: Lane[] | null
  error: unknown
  /** Seconds since 1970 of the readings of lanes, and of those of latency. */
  times: number[]
  rates: Points
  ages: Points
  latencyTimes: number[]
  middle: Points
  slowest: Points
  /** Milliseconds; 0 before anything was seen. */
  since: number
}

const EVERY_SECONDS = 2
const LATENCY_SECONDS = 6
const KEPT_SECONDS = 900

let state = $state.raw<Watched>(empty())
let before = new Map<string, Buckets>()
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
    before = new Map()
  }
  let now = (): void => undefined
  $effect(() => {
    const lanes = poll(readLanes, EVERY_SECONDS)
    const latency = poll(readLatency, LATENCY_SECONDS)
    now = lanes.now
    return () => {
      lanes.stop()
      latency.stop()
    }
  })
  return { now: () => now() }
}

async function readLanes(signal: AbortSignal): Promise<void> {
  try {
    const { data } = await api.get<{ data: Lane[] }>('/v1/lanes', {}, { signal })
    const at = Date.now() / 1000
    const rates = new Map(data.map((row) => [row.lane, row.rate_per_second]))
    const ages = new Map(data.map((row) => [row.lane, row.oldest_age_seconds]))
    const gap = interrupted(state.times, at, EVERY_SECONDS)
    state = {
      ...state,
      ...cut(state.times, gap ? [at - 0.001, at] : [at], { rates: state.rates, ages: state.ages }, {
        rates: gap ? [new Map(), rates] : [rates],
        ages: gap ? [new Map(), ages] : [ages],
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

async function readLatency(signal: AbortSignal): Promise<void> {
  const text = await api.get<string>('/metrics', {}, { signal, headers: { accept: 'text/plain' } })
  const found = latencies(text)
  const first = before.size === 0 && state.latencyTimes.length === 0
  const middle = new Map<string, number | null>()
  const slowest = new Map<string, number | null>()
  for (const [lane, buckets] of found) {
    const grown = first ? null : between(before.get(lane), buckets)
    middle.set(lane, grown && quantile(grown, 0.5))
    slowest.set(lane, grown && quantile(grown, 0.99))
  }
  before = found
  const at = Date.now() / 1000
  const { times, middle: half, slowest: most } = cut(
    state.latencyTimes,
    [at],
    { middle: state.middle, slowest: state.slowest },
    { middle: [middle], slowest: [slowest] },
  )
  state = { ...state, latencyTimes: times, middle: half, slowest: most }
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
    latencyTimes: [],
    middle: {},
    slowest: {},
    since: 0,
  }
}
