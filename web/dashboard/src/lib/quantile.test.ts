import { expect, test } from 'vitest'
import { between, latencies, quantile } from './quantile'

const TEXT = `# HELP clarion_delivery_latency_seconds From the event's acceptance
clarion_delivery_latency_seconds_bucket{channel="push",lane="critical",le="0.1"} 5.0
clarion_delivery_latency_seconds_bucket{channel="push",lane="critical",le="1.0"} 9.0
clarion_delivery_latency_seconds_bucket{channel="push",lane="critical",le="+Inf"} 10.0
clarion_delivery_latency_seconds_bucket{channel="email",lane="critical",process="2",le="0.1"} 5.0
clarion_delivery_latency_seconds_bucket{channel="email",lane="critical",process="2",le="1.0"} 5.0
clarion_delivery_latency_seconds_bucket{channel="email",lane="critical",process="2",le="+Inf"} 5.0
clarion_delivery_latency_seconds_count{channel="push",lane="critical"} 10.0
clarion_up 1
`

test('histograms are summed over channels and processes', () => {
  expect(latencies(TEXT).get('critical')).toEqual([
    { le: 0.1, count: 10 },
    { le: 1, count: 14 },
    { le: Infinity, count: 15 },
  ])
  expect(latencies('').size).toBe(0)
})

test('a quantile lies within its bucket', () => {
  const buckets = [
    { le: 0.1, count: 0 },
    { le: 0.2, count: 10 },
    { le: Infinity, count: 10 },
  ]
  expect(quantile(buckets, 0.5)).toBeCloseTo(0.15)
  expect(quantile(buckets, 0.99)).toBeCloseTo(0.199)
})

test('beyond the last bound that bound is told, and of nothing nothing', () => {
  expect(quantile([{ le: 5, count: 0 }, { le: Infinity, count: 3 }], 0.5)).toBe(5)
  expect(quantile([{ le: 5, count: 0 }, { le: Infinity, count: 0 }], 0.5)).toBeNull()
  expect(quantile([], 0.5)).toBeNull()
})

test('counters that began anew say nothing about the time between', () => {
  const old = [{ le: Infinity, count: 8 }]
  expect(between(old, [{ le: Infinity, count: 3 }])).toBeNull()
  expect(between(old, [{ le: Infinity, count: 11 }])).toEqual([{ le: Infinity, count: 3 }])
  expect(between(undefined, [{ le: Infinity, count: 3 }])).toEqual([{ le: Infinity, count: 3 }])
})
