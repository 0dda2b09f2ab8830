// Reads what `/metrics` says of latency: a histogram for each lane, summed over channels and processes.

/** How many were at most so slow (`le`, in seconds), ascending; the last `le` is Infinity. */
export type Buckets = { le: number; count: number }[]

const LINE = /^clarion_delivery_latency_seconds_bucket\{([^}]*)\} (\S+)/

/** The histograms by lane. */
export function latencies(metrics: string): Map<string, Buckets> {
  const sums = new Map<string, Map<number, number>>()
  for (const line of metrics.split('\n')) {
    const found = LINE.exec(line)
    if (found === null) continue
    const lane = label(found[1] ?? '', 'lane')
    const bound = label(found[1] ?? '', 'le')
    if (lane === null || bound === null) continue
    const le = bound === '+Inf' ? Infinity : Number(bound)
    const counts = sums.get(lane) ?? new Map<number, number>()
    counts.set(le, (counts.get(le) ?? 0) + Number(found[2]))
    sums.set(lane, counts)
  }
  const read = new Map<string, Buckets>()
  for (const [lane, counts] of sums) {
    read.set(
      lane,
      [...counts].map(([le, count]) => ({ le, count })).sort((a, b) => a.le - b.le),
    )
  }
  return read
}

/** What came between two readings; null where the counters began anew, as after a restart. */
export function between(before: Buckets | undefined, after: Buckets): Buckets | null {
  const known = new Map((before ?? []).map(({ le, count }) => [le, count]))
  const grown = after.map(({ le, count }) => ({ le, count: count - (known.get(le) ?? 0) }))
  return grown.some(({ count }) => count < 0) ? null : grown
}

/** Seconds that a share `q` did not exceed; null when nothing came. Within a bucket all are taken
 * as spread evenly; beyond the last bound that bound is told. */
export function quantile(buckets: Buckets, q: number): number | null {
  const total = buckets.at(-1)?.count ?? 0
  if (total <= 0) return null
  const rank = q * total
  let below = 0
  let from = 0
  for (const { le, count } of buckets) {
    if (count >= rank) {
      if (le === Infinity) return from
      return count === below ? le : from + (le - from) * ((rank - below) / (count - below))
    }
    below = count
    from = le
  }
  return from
}

function label(labels: string, name: string): string | null {
  return new RegExp(`(?:^|,)${name}="([^"]*)"`).exec(labels)?.[1] ?? null
}
