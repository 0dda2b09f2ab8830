import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { poll, waitSeconds } from './live'

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

function hide(hidden: boolean): void {
  vi.spyOn(document, 'hidden', 'get').mockReturnValue(hidden)
  document.dispatchEvent(new Event('visibilitychange'))
}

test('it asks at once and then in its rhythm', async () => {
  const fn = vi.fn(() => Promise.resolve())
  const { stop } = poll(fn, 2)
  await vi.advanceTimersByTimeAsync(6100)
  expect(fn).toHaveBeenCalledTimes(4)
  stop()
  await vi.advanceTimersByTimeAsync(10_000)
  expect(fn).toHaveBeenCalledTimes(4)
})

test('there is one call at a time, and who asks meanwhile is served after it', async () => {
  let answer = (): void => undefined
  const fn = vi.fn(() => new Promise<void>((resolve) => (answer = resolve)))
  const { now, stop } = poll(fn, 1)
  now()
  now()
  await vi.advanceTimersByTimeAsync(5000)
  expect(fn).toHaveBeenCalledTimes(1)
  answer()
  await vi.advanceTimersByTimeAsync(1)
  expect(fn).toHaveBeenCalledTimes(2)
  stop()
})

test('a hidden tab asks nothing, and asks at once when it is seen again', async () => {
  const fn = vi.fn(() => Promise.resolve())
  const { stop } = poll(fn, 1)
  await vi.advanceTimersByTimeAsync(10)
  hide(true)
  await vi.advanceTimersByTimeAsync(20_000)
  expect(fn).toHaveBeenCalledTimes(1)
  hide(false)
  await vi.advanceTimersByTimeAsync(10)
  expect(fn).toHaveBeenCalledTimes(2)
  stop()
})

test('failures make it ask more seldom, up to a minute', async () => {
  const fn = vi.fn(() => Promise.reject(new Error('away')))
  const { stop } = poll(fn, 1)
  await vi.advanceTimersByTimeAsync(6900)
  expect(fn).toHaveBeenCalledTimes(3)
  stop()
  expect(waitSeconds(2, 20)).toBe(60)
  expect(waitSeconds(120, 3)).toBe(120)
})

test('stopping ends the call under way', () => {
  const signals: AbortSignal[] = []
  const fn = (signal: AbortSignal): Promise<void> => {
    signals.push(signal)
    return new Promise(() => undefined)
  }
  poll(fn, 1).stop()
  expect(signals[0]?.aborted).toBe(true)
})
