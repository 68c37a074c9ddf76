// Groups of runs held against each other: which runs are drawn, in which colours, on one axis.

import type { Clock } from '../lib/model'
import type { Line } from '../charts/plot'
import type { ChangePayload, Difference, Outcome, SidePayload } from '../lib/payload'
import type { Second } from './api'

/** Groups is a comparison as the API writes it. */
export interface Groups { outcome: Outcome; reason: string; old: SidePayload[]; new: SidePayload[]; rows: ChangePayload[]; differences: Difference[] }

export const FIGURES = ['p95', 'p50', 'p99', 'rate', 'failures'] as const
export type Figure = (typeof FIGURES)[number]

/** Curve is a run of a side; color is '' where it is not drawn. */
export interface Curve { id: string; text: string; changes: string; color: string; isNow: boolean }

const BEFORE = ['--c-users', '--c-p50', '--c-rate', '--c-flight', '--c-base']
const NOW = ['--c-p99', '--c-p95', '--c-fail', '--c-lag', '--c-mark']

/** labelled gives the latest runs of a side their colours. */
export function labelled(runs: SidePayload[], isNow: boolean): Curve[] {
  const colors = isNow ? NOW : BEFORE
  return [...runs].sort((a, b) => a.started.localeCompare(b.started)).map((r, i, all) => ({
    id: r.id, isNow, text: r.started.slice(0, 16).replace('T', ' '), changes: (r.changes ?? '').split('\n')[0]!, color: colors[i - (all.length - Math.min(all.length, colors.length))] ?? '',
  }))
}

const POINTS = 360

/** stepOf is how long a point of the curves stands for, s. */
export const stepOf = (runs: { duration_s: number }[]): number => Math.max(1, Math.ceil(Math.max(0, ...runs.map((r) => r.duration_s)) / POINTS))

/** clockOf is an axis that all runs have room on. */
export function clockOf(runs: Second[][], step: number): Clock {
  const end = Math.max(0, ...runs.flatMap((r) => r.slice(-1).map((s) => s.from_s + s.width_s)))
  const edges = Array.from({ length: Math.ceil(end / step) + 1 }, (_, i) => i * step)
  return { edges, xs: edges.slice(1).map((e) => e - step / 2), end: edges.at(-1)! }
}

function valueOf(s: Second, figure: Figure): number | null {
  if (figure === 'rate') return s.lasted_s > 0 ? s.total.count / s.lasted_s : null
  if (figure === 'failures') return s.lasted_s > 0 ? s.total.failures / s.lasted_s : null
  return s.total.timed > 0 ? s.total[figure] * 1e6 : null
}

/** curves is a line a run. What was kept in longer stretches than the step holds for each of its places. */
export function curves(runs: Curve[], got: Map<string, Second[]>, clock: Clock, step: number, figure: Figure): Line[] {
  return runs.map((r) => {
    const values = new Array<number | null>(clock.xs.length).fill(null)
    for (const s of got.get(r.id) ?? []) for (let at = s.from_s; at < s.from_s + s.width_s; at += step) values[Math.floor(at / step)] = valueOf(s, figure)
    return { key: r.id, label: r.text, title: r.changes || r.id, color: r.color, values, ...(r.isNow ? {} : { dash: [6, 4] }) }
  })
}
