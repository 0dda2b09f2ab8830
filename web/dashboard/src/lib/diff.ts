// Two texts line by line.

export type Line = { kind: 'same' | 'removed' | 'added'; text: string }

const MOST_CELLS = 4_000_000

/** What was removed and added; very long texts that differ all over are told as wholly replaced. */
export function diff(before: string, after: string): Line[] {
  const old = lines(before)
  const young = lines(after)
  let head = 0
  while (head < old.length && head < young.length && old[head] === young[head]) head += 1
  let tail = 0
  while (
    tail < old.length - head &&
    tail < young.length - head &&
    old[old.length - 1 - tail] === young[young.length - 1 - tail]
  ) {
    tail += 1
  }
  return [
    ...old.slice(0, head).map(same),
    ...middle(old.slice(head, old.length - tail), young.slice(head, young.length - tail)),
    ...old.slice(old.length - tail).map(same),
  ]
}

function middle(old: string[], young: string[]): Line[] {
  if (old.length * young.length > MOST_CELLS) return [...old.map(removed), ...young.map(added)]
  const width = young.length + 1
  // longest[i * width + j]: the longest run of common lines of old[i..] and young[j..].
  const longest = new Uint32Array((old.length + 1) * width)
  for (let i = old.length - 1; i >= 0; i -= 1) {
    for (let j = young.length - 1; j >= 0; j -= 1) {
      longest[i * width + j] =
        old[i] === young[j]
          ? at(longest, (i + 1) * width + j + 1) + 1
          : Math.max(at(longest, (i + 1) * width + j), at(longest, i * width + j + 1))
    }
  }
  const found: Line[] = []
  let i = 0
  let j = 0
  while (i < old.length || j < young.length) {
    const left = old[i]
    const right = young[j]
    if (left !== undefined && left === right) {
      found.push(same(left))
      i += 1
      j += 1
    } else if (
      left !== undefined &&
      (right === undefined || at(longest, (i + 1) * width + j) >= at(longest, i * width + j + 1))
    ) {
      found.push(removed(left))
      i += 1
    } else if (right !== undefined) {
      found.push(added(right))
      j += 1
    }
  }
  return found
}

function lines(text: string): string[] {
  return text === '' ? [] : text.replace(/\n$/, '').split('\n')
}

function at(cells: Uint32Array, place: number): number {
  return cells[place] ?? 0
}

const same = (text: string): Line => ({ kind: 'same', text })
const removed = (text: string): Line => ({ kind: 'removed', text })
const added = (text: string): Line => ({ kind: 'added', text })
