// Curves of two runs in one chart: each has its own buckets.

import type { Values } from './plot'

/** Aligned is what uPlot draws: one axis for all. A place that a curve has no bucket for is undefined, which a line passes over; null is a gap. */
export interface Aligned {
  xs: number[]
  values: (number | null | undefined)[][]
}

/** align puts curves on one axis. own are the places of those that come without any. */
export function align(own: number[], lines: readonly { xs?: number[]; values: Values }[]): Aligned {
  if (lines.every((l) => !l.xs || same(l.xs, own))) return { xs: own, values: lines.map((l) => l.values) }
  const xs = [...new Set([own, ...lines.map((l) => l.xs ?? [])].flat())].sort((a, b) => a - b)
  const place = new Map(xs.map((x, i) => [x, i]))
  return {
    xs,
    values: lines.map((l) => {
      const spread = new Array<number | null | undefined>(xs.length).fill(undefined)
      ;(l.xs ?? own).forEach((x, i) => (spread[place.get(x)!] = l.values[i]))
      return spread
    }),
  }
}

function same(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((x, i) => x === b[i])
}

/** nearest is the place next to i where a curve has a bucket. */
export function nearest(values: readonly (number | null | undefined)[], i: number): number {
  for (let away = 0; away < values.length; away++) {
    if (values[i - away] !== undefined) return i - away
    if (values[i + away] !== undefined) return i + away
  }
  return i
}

/** lonely are the places of values without a neighbour: no line would show them. */
export function lonely(values: readonly (number | null | undefined)[]): number[] {
  const found: number[] = []
  let before: number | null | undefined = null
  let last = -1 // place of the last value with nothing before it, while nothing is known of what follows
  for (let i = 0; i < values.length; i++) {
    const v = values[i]
    if (v === undefined) continue
    if (v === null && last >= 0) found.push(last)
    last = v !== null && before === null ? i : -1
    before = v
  }
  if (last >= 0) found.push(last)
  return found
}
