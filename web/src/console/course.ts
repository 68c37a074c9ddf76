// The course of a run as it grows: seconds from the API, one after the other, as the charts want them. Times come in ms and are kept in ns.

import type { Clock, Gauges, Heat, Track } from '../lib/model'
import type { Second } from './api'

const COLUMNS = 180 // of a heat map; twice as many become half

const ns = (ms: number): number => Math.round(ms * 1e6)

export const labelOf = (type: string, name: string): string => `${type} ${name}`.trim()

/** Growing is a run over time, of all requests and of some names. */
export class Growing {
  readonly edges: number[] = []
  readonly xs: number[] = []
  readonly gauges: Gauges = { users: [], target: [], inFlight: [], waiting: [], dropped: [] }
  readonly planned: number[] = []
  readonly sent: number[] = []
  readonly counts: number[] = [] // requests in each stretch
  readonly tracks = new Map<string, LiveTrack>()

  constructor(readonly names: readonly string[]) {
    this.tracks.set('', new LiveTrack())
    for (const n of names) this.tracks.set(n, new LiveTrack())
  }

  get end(): number {
    return this.edges.at(-1) ?? 0
  }

  get buckets(): number {
    return this.xs.length
  }

  /** add takes a stretch in. It reports whether it fits: "gap" when something before it is missing. */
  add(s: Second): 'added' | 'known' | 'gap' {
    if (this.edges.length > 0) {
      if (s.from_s > this.end + 0.001 && s.from_s >= Math.ceil(this.end)) return 'gap'
      if (s.from_s + s.width_s <= this.end + 0.001) return 'known'
      while (this.xs.length > 0 && this.edges.at(-2)! >= s.from_s - 0.001) this.#drop() // after an absence a longer stretch takes their place
      if (this.xs.length > 0 && this.end > s.from_s + 0.001) return 'gap' // it begins within one
    }
    const lasted = Math.max(s.lasted_s, 0.05)
    const from = Math.max(s.from_s, this.end)
    const to = s.lasted_s < s.width_s ? s.from_s + lasted : s.from_s + s.width_s
    if (this.edges.length === 0) this.edges.push(s.from_s)
    this.edges.push(Math.max(to, from + 0.01))
    this.xs.push((from + to) / 2)
    const g = s.gauges
    this.gauges.users.push(g.users)
    this.gauges.target.push(g.target)
    this.gauges.inFlight.push(g.in_flight)
    this.gauges.waiting.push(g.waiting)
    this.gauges.dropped.push(g.dropped)
    this.counts.push(s.total.count)
    this.planned.push(g.planned)
    this.sent.push(g.sent)
    this.tracks.get('')!.add(s.total, from, to, lasted)
    const by = new Map(s.requests.map((p) => [labelOf(p.type ?? '', p.name ?? ''), p]))
    for (const n of this.names) this.tracks.get(n)!.add(by.get(n), from, to, lasted)
    return 'added'
  }

  /** drop takes the last stretch away. */
  #drop(): void {
    this.edges.pop()
    if (this.xs.length === 1) this.edges.pop()
    for (const values of [this.xs, this.counts, this.planned, this.sent, ...Object.values(this.gauges)]) values.pop()
    for (const t of this.tracks.values()) t.drop()
  }

  /** requests is how many there were in all. */
  get requests(): number {
    return this.counts.reduce((sum, n) => sum + n, 0)
  }

  clock(): Clock {
    return { edges: this.edges, xs: this.xs, end: this.end }
  }
}

/** LiveTrack is a row over time, with more than a report keeps. */
export class LiveTrack implements Track {
  rate: (number | null)[] = []
  failures: (number | null)[] = []
  p50: (number | null)[] = []
  p95: (number | null)[] = []
  p99: (number | null)[] = []
  lagP99: (number | null)[] = []
  serviceP50: (number | null)[] = []
  serviceP95: (number | null)[] = []
  serviceP99: (number | null)[] = []
  bytesIn: (number | null)[] = []
  bytesOut: (number | null)[] = []
  heat: Heat = { columns: [], low: Infinity, high: -Infinity }

  add(p: Second['total'] | undefined, from: number, to: number, lasted: number): void {
    const per = (n: number | undefined) => (n ?? 0) / lasted
    this.rate.push(per(p?.count))
    this.failures.push(per(p?.failures))
    const timed = !!p && p.timed > 0
    const time = (ms: number | undefined, is = timed) => (is && ms !== undefined ? ns(ms) : null)
    this.p50.push(time(p?.p50))
    this.p95.push(time(p?.p95))
    this.p99.push(time(p?.p99))
    this.lagP99.push(time(p?.lag_p99, !!p && p.count > 0))
    this.serviceP50.push(time(p?.service_p50))
    this.serviceP95.push(time(p?.service_p95))
    this.serviceP99.push(time(p?.service_p99))
    this.bytesIn.push(per(p?.bytes_in))
    this.bytesOut.push(per(p?.bytes_out))
    this.#column(p?.heat ?? [], from, to)
  }

  /** drop takes the last stretch away. */
  drop(): void {
    for (const values of [this.rate, this.failures, this.p50, this.p95, this.p99, this.lagP99, this.serviceP50, this.serviceP95, this.serviceP99, this.bytesIn, this.bytesOut]) values.pop()
    this.heat = { ...this.heat, columns: this.heat.columns.slice(0, -1) }
  }

  #column(flat: number[], from: number, to: number): void {
    const cells = [] as { band: number; count: number }[]
    let total = 0
    for (let i = 0; i + 1 < flat.length; i += 2) {
      cells.push({ band: flat[i]!, count: flat[i + 1]! })
      total += flat[i + 1]!
      this.heat.low = Math.min(this.heat.low, flat[i]!)
      this.heat.high = Math.max(this.heat.high, flat[i]!)
    }
    const { columns } = this.heat
    columns.push({ from, to, total, cells }) // in place: an hour that comes at once has hundreds
    this.heat = { ...this.heat, columns: columns.length > 2 * COLUMNS ? halved(columns) : columns }
  }
}

/** halved joins columns two by two; counts add up. */
export function halved(columns: Heat['columns']): Heat['columns'] {
  const out: Heat['columns'] = []
  for (let i = 0; i < columns.length; i += 2) {
    const a = columns[i]!
    const b = columns[i + 1]
    if (!b) {
      out.push(a)
      continue
    }
    const counts = new Map(a.cells.map((c) => [c.band, c.count]))
    for (const c of b.cells) counts.set(c.band, (counts.get(c.band) ?? 0) + c.count)
    out.push({ from: a.from, to: b.to, total: a.total + b.total, cells: [...counts].sort((x, y) => x[0] - y[0]).map(([band, count]) => ({ band, count })) })
  }
  return out
}
