// Short news of what was done, told to screen readers, too.
import type { Tone } from '../lib/words'

export interface News {
  id: number
  text: string
  tone: Tone
}

const SHOWN_MILLISECONDS = 6000

export const news: { list: News[] } = $state({ list: [] })

let last = 0

/** Say it for a few seconds; what went wrong stays until it is put away. */
export function toast(text: string, tone: Tone = 'good'): void {
  const id = ++last
  news.list.push({ id, text, tone })
  if (tone !== 'bad') setTimeout(() => dismiss(id), SHOWN_MILLISECONDS)
}

export function dismiss(id: number): void {
  news.list = news.list.filter((one) => one.id !== id)
}
