// The charts of a run, from the model: which lines they have and what their legends say.

import { count, quantile, rate } from '../lib/format'
import { QUANTILES, type Quantile, type Row, type Run, type Times } from '../lib/model'
import type { Limit, Line } from './plot'

/** Under is a row of the baseline, whose curves lie under those of the run. */
export interface Under {
  run: Run
  row: Row
}

/** withUnder puts each curve of a baseline behind the one of the run that it belongs to. */
function withUnder(lines: Line[], under: Under | null, of: (under: Under) => Line[]): Line[] {
  const clock = under?.run.clock
  if (!under || !clock) return lines
  const base = new Map(of(under).map((l) => [l.key, l]))
  return lines.flatMap((l) => {
    const b = base.get(l.key)
    return b ? [l, { ...b, key: b.key + '-baseline', label: `${b.label} of the baseline`, dash: [6, 4], area: false, thin: false, clock }] : [l]
  })
}

export function throughput(run: Run, row: Row, under: Under | null = null): Line[] {
  const track = run.track(row)
  if (!track) return []
  const lines: Line[] = [
    { key: 'rate', label: 'Requests', color: '--c-rate', values: track.rate, area: true, summary: rate(row.rate), title: 'mean' },
    { key: 'failures', label: 'Failures', color: '--c-fail', values: track.failures, area: true, summary: rate(row.failureRate), title: 'mean' },
  ]
  const dropped = row.index < 0 && run.counts.dropped > 0 ? run.droppedRate() : null
  if (dropped) lines.push({ key: 'dropped', label: 'Dropped', color: '--c-flight', values: dropped, summary: rate(run.counts.dropped / Math.max(run.wholeSeconds, 1)), title: 'mean' })
  return withUnder(lines, under, (u) => throughput(u.run, u.row))
}

export function times(run: Run, row: Row, under: Under | null = null): Line[] {
  const track = run.track(row)
  if (!track) return []
  const h = run.headline(row)
  const lines: Line[] = [
    { key: 'p50', label: 'p50', color: '--c-p50', values: track.p50, ...whole(h, 'p50') },
    { key: 'p95', label: 'p95', color: '--c-p95', values: track.p95, ...whole(h, 'p95') },
    { key: 'p99', label: 'p99', color: '--c-p99', values: track.p99, ...whole(h, 'p99') },
  ]
  return withUnder(lines, under, (u) => times(u.run, u.row))
}

export function lag(run: Run, row: Row): Line[] {
  const track = run.track(row)
  if (!track || row.times.lag.count === 0) return []
  return [{ key: 'lag', label: 'Lag p99', color: '--c-lag', values: track.lagP99, area: true, ...whole(row.times.lag, 'p99') }]
}

export function users(run: Run, under: Under | null = null): Line[] {
  const g = run.gauges
  if (!g) return []
  const most = (values: number[]) => values.reduce((a, b) => Math.max(a, b), 0)
  const lines: Line[] = [
    { key: 'users', label: 'Users', color: '--c-users', values: g.users, area: true, summary: count(run.counts.peak_users), title: 'most at once' },
  ]
  if (most(g.target) > 0) lines.push({ key: 'target', label: 'Wanted', color: '--c-target', values: g.target, dash: [4, 3], summary: count(most(g.target)), title: 'most' })
  if (most(g.inFlight) > 0) lines.push({ key: 'flight', label: 'In flight', color: '--c-flight', values: g.inFlight, thin: true, summary: count(most(g.inFlight)), title: 'most at the end of a stretch' })
  if (most(g.waiting) > 0) lines.push({ key: 'waiting', label: 'Waiting', color: '--c-lag', values: g.waiting, thin: true, summary: count(most(g.waiting)), title: 'most arrivals without a free user' })
  return withUnder(lines, under, (u) => users(u.run).filter((l) => l.key === 'users'))
}

/** limits are the thresholds that judge the shown row by a line of its chart. */
export function limits(run: Run, row: Row): Limit[] {
  return run.thresholds.flatMap((t) => (t.line && t.line.row === row.index ? [{ at: t.line.at, label: `${t.line.quantile} limit ${t.limit_text}`, broken: !t.passed }] : []))
}

function whole(t: Times, key: Quantile): { summary: string; title: string } {
  const q = QUANTILES.find((x) => x.key === key)!
  return { summary: t.count === 0 ? '-' : quantile(t[q.key], t.few[q.key], t.beyond[q.key]), title: 'of the whole run' }
}

