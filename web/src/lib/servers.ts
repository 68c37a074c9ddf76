// What the servers said of themselves, as charts want it.

import { bytes, count, number } from './format'
import type { Clock } from './model'
import type { RunPayload, SeriesOfServer, ServerPayload } from './payload'

/** Watched is what is known of the servers of a run. */
export interface Watched {
  servers: ServerPayload[]
  suspects: NonNullable<RunPayload['suspects']>
  finding: NonNullable<RunPayload['finding']> | null
}

/** watchedOf is what a run knows of its servers, null when none was watched. */
export function watchedOf(run: RunPayload): Watched | null {
  return run.servers ? { servers: run.servers, suspects: run.suspects ?? [], finding: run.finding ?? null } : null
}

/** amount writes a value with its unit: "43", "1.20 GB", "97.5 %", "1,204/s". */
export function amount(unit: string): (v: number) => string {
  switch (unit) {
    case 'B': return (v) => bytes(Math.round(v))
    case 'B/s': return (v) => `${bytes(Math.round(v))}/s`
    case '': return (v) => (Number.isInteger(v) ? count(v) : number(v))
    default: return (v) => (Number.isInteger(v) ? count(v) : number(v)) + (unit.startsWith('/') ? unit : ` ${unit}`)
  }
}

/** spanOf is the lowest and the highest value of a series, for the legend: "0 to 6 connections"; empty when there is none. */
export function spanOf(s: SeriesOfServer): string {
  if (s.points.length === 0) return ''
  const [low, high] = s.points.reduce(([a, b], p) => [Math.min(a, p[1]), Math.max(b, p[1])], [Infinity, -Infinity])
  const write = amount(s.unit)
  return low === high ? write(low) : s.unit === 'B' || s.unit === 'B/s' ? `${write(low)} to ${write(high)}` : `${amount('')(low)} to ${write(high)}`
}

/** clockOfPoints lets each value hold from its moment to the next. */
export function clockOfPoints(s: SeriesOfServer): Clock {
  const xs = s.points.map((p) => p[0])
  const grain = xs.length > 1 ? (xs.at(-1)! - xs[0]!) / (xs.length - 1) : 1
  const end = (xs.at(-1) ?? 0) + grain
  return { xs, edges: [...xs, end], end }
}

/** byNeed is the series of a server, those that somebody looks for first: the suspects, then what comes nearest to its limit, then the rest as they came. */
export function byNeed(server: ServerPayload, suspects: Watched['suspects']): { series: SeriesOfServer; suspect: Watched['suspects'][number] | null }[] {
  const rank = (s: SeriesOfServer) => suspects.findIndex((x) => x.server === server.name && x.series === s.name)
  const near = (s: SeriesOfServer) => {
    const limit = s.limit ?? (s.unit === '%' && s.ceiling ? 100 : 0)
    return limit > 0 ? s.points.reduce((most, p) => Math.max(most, p[1]), 0) / limit : 0
  }
  return server.series
    .filter((s) => s.points.length > 0)
    .map((series, i) => ({ series, i, rank: rank(series), near: near(series) }))
    .sort((a, b) => Number(a.rank < 0) - Number(b.rank < 0) || a.rank - b.rank || b.near - a.near || a.i - b.i)
    .map(({ series, rank }) => ({ series, suspect: rank < 0 ? null : suspects[rank]! }))
}
