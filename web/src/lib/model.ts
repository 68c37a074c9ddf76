// What the views show, made from the payload. Rows keep their exact figures; courses over time are unpacked when first looked at, since a
// report may hold hundreds and shows one at a time.

import { times, undelta } from './codes'
import type { ErrorPayload, Quantiles, RowPayload, RunPayload, SeriesPayload, Timing, TrackPayload } from './payload'

export type Quantile = 'p50' | 'p90' | 'p95' | 'p99' | 'p99_9'

export const QUANTILES: readonly { key: Quantile; share: number; label: string }[] = [
  { key: 'p50', share: 0.5, label: 'p50' },
  { key: 'p90', share: 0.9, label: 'p90' },
  { key: 'p95', share: 0.95, label: 'p95' },
  { key: 'p99', share: 0.99, label: 'p99' },
  { key: 'p99_9', share: 0.999, label: 'p99.9' },
]

/** Times is what is known of one kind of time of one row, in ns. All zero when count is. */
export interface Times extends Record<Quantile, number> {
  count: number
  mean: number
  min: number
  max: number
  few: Record<Quantile, boolean> // fewer than ten samples lie beyond
  beyond: Record<Quantile, boolean> // the truth is greater: dropped arrivals reach into it
}

export interface Row {
  index: number // among the rows of the run; -1 is the total
  type: string
  name: string
  isStep: boolean
  count: number
  failures: number
  failureShare: number
  timeouts: number
  dropped: number
  rate: number // per second
  failureRate: number
  bytesIn: number
  bytesOut: number
  times: Record<Timing, Times>
  faults: RowPayload['faults']
  curve(timing: Timing): Curve
}

/** Curve is quantiles by nines: xs[i] nines mean the share 1 - 10^-xs[i]. */
export interface Curve {
  xs: number[]
  ns: (number | null)[]
}

/** Track is one row over time, one value for each bucket of the clock. Rates are per second, times ns; null where nothing happened. */
export interface Track {
  rate: (number | null)[]
  failures: (number | null)[]
  p50: (number | null)[]
  p95: (number | null)[]
  p99: (number | null)[]
  lagP99: (number | null)[]
  heat: Heat
}

/** Heat is answers by time and duration. Band b holds 10^(b/10) to 10^((b+1)/10) ns. */
export interface Heat {
  columns: { from: number; to: number; total: number; cells: { band: number; count: number }[] }[]
  low: number // lowest band in use
  high: number // highest; below low when there is nothing
}

/** Clock is the buckets of a run: bucket i covers [edges[i], edges[i+1]) s, and is drawn at xs[i], its middle. */
export interface Clock {
  edges: number[]
  xs: number[]
  end: number
}

export interface Gauges {
  users: number[]
  target: number[]
  inFlight: number[]
  waiting: number[]
  dropped: number[]
}

export interface Mark {
  at: number // s
  kind: string
  text: string
}

export interface Phase {
  name: string
  from: number // s
  to: number
}

export const STEP = 'STEP'
export const PAGE = 'PAGE'

/** nameOf is what people read for a row. */
export function nameOf(row: Row): string {
  if (row.index < 0) return 'All requests'
  return row.name.trim() === '' ? '(no name)' : row.name
}

/** LiveCourse is a course that grows; tracks are by "TYPE NAME", and all requests together by "". */
export interface LiveCourse {
  clock(): Clock
  gauges: Gauges
  tracks: Map<string, Track>
}

/** Run is one run of a report. */
export class Run {
  readonly info: RunPayload['run']
  readonly verdict: RunPayload['verdict']
  readonly thresholds: RunPayload['thresholds']
  readonly counts: RunPayload['counts']
  readonly total: Row
  readonly whole: Row | null
  readonly rows: Row[] // requests and steps, by type and name
  readonly requests: Row[]
  readonly steps: Row[]
  readonly errors: ErrorPayload[]
  readonly exceptions: ErrorPayload[]
  readonly seconds: number
  readonly wholeSeconds: number
  readonly clock: Clock | null // null when the course of the run was not kept
  readonly gauges: Gauges | null
  readonly marks: Mark[]
  readonly phases: Phase[]
  readonly duration: number // s
  readonly startedAt: Date
  readonly zone: number // minutes east of UTC where the run was started

  private readonly series: SeriesPayload | null
  private readonly tracks = new Map<number, Track | null>()

  /** live is the course of a run that is read from a server, where it is not in the payload: it grows while the run goes on. */
  constructor(readonly payload: RunPayload, private readonly live: LiveCourse | null = null) {
    this.info = payload.run
    this.verdict = payload.verdict
    this.thresholds = payload.thresholds
    this.counts = payload.counts
    this.seconds = payload.judged.seconds
    this.wholeSeconds = payload.whole?.seconds ?? this.seconds
    this.total = rowOf(payload.judged.total, -1, this.seconds)
    this.whole = payload.whole && rowOf(payload.whole.total, -1, payload.whole.seconds)
    this.rows = payload.judged.rows.map((r, i) => rowOf(r, i, this.seconds))
    this.requests = this.rows.filter((r) => !r.isStep)
    this.steps = this.rows.filter((r) => r.isStep)
    // A start that failed by a request is the site's failure: the request stands among the errors with the same text.
    const ofRequests = new Set(payload.judged.errors.filter((e) => !isException(e)).map((e) => e.error))
    const own = (e: ErrorPayload) => isException(e) && !(e.kind === 'start' && ofRequests.has(e.error))
    this.exceptions = payload.judged.errors.filter((e) => own(e))
    this.errors = payload.judged.errors.filter((e) => !own(e))
    this.duration = payload.run.duration_s
    this.series = payload.series
    this.clock = live ? live.clock() : payload.series && clockOf(payload.series, this.duration)
    this.gauges = live ? live.gauges : payload.series && gaugesOf(payload.series)
    this.marks = payload.events.map((e) => ({ at: e.at_s, kind: e.kind, text: e.text })).sort((a, b) => a.at - b.at)
    const end = this.clock?.end ?? this.duration
    this.phases = payload.phases.map((p) => ({ name: p.name, from: p.from_s, to: p.to_s || end }))
    this.startedAt = new Date(payload.run.started)
    this.zone = zoneOf(payload.run.started)
  }

  /** row finds a row by its index, the total for -1. */
  row(index: number): Row {
    return this.rows[index] ?? this.total
  }

  /** same is the row of this run that has the type and name of another run's row, null when there is none. */
  same(other: Row): Row | null {
    return other.index < 0 ? this.total : (this.rows.find((r) => r.type === other.type && r.name === other.name) ?? null)
  }

  /** track is a row over time, null when its course was not kept. */
  track(row: Row): Track | null {
    if (this.live) return this.live.tracks.get(row.index < 0 ? '' : `${row.type} ${row.name}`.trim()) ?? null
    let track = this.tracks.get(row.index)
    if (track === undefined) {
      const packed = row.index < 0 ? this.series?.total : this.series?.rows[row.index]
      track = packed && this.clock ? trackOf(packed, this.clock, this.series!) : null
      this.tracks.set(row.index, track)
    }
    return track
  }

  /** hasTrack says whether track would give one, without unpacking it. */
  hasTrack(row: Row): boolean {
    if (this.live) return true // what is not there yet is asked for
    return !!(row.index < 0 ? this.series?.total : this.series?.rows[row.index])
  }

  /** droppedRate is arrivals that could not start, per second, over time. */
  droppedRate(): number[] | null {
    if (!this.clock || !this.gauges) return null
    const { edges } = this.clock
    return this.gauges.dropped.map((n, i, all) => Math.max(0, n - (all[i - 1] ?? 0)) / (edges[i + 1]! - edges[i]!))
  }

  /** headline is the times that tables show: response times of a paced load, else service times. */
  headline(row: Row): Times {
    return row.times[this.info.headline]
  }
}

function isException(e: ErrorPayload): boolean {
  return !!e.stack || e.kind === 'panic' || e.kind === 'start' || e.kind === 'data'
}

function rowOf(p: RowPayload, index: number, seconds: number): Row {
  const per = (n: number) => (seconds > 0 ? n / seconds : 0)
  return {
    index, type: p.type, name: p.name, isStep: p.type === STEP || p.type === PAGE,
    count: p.count, failures: p.failures, failureShare: p.count > 0 ? p.failures / p.count : 0,
    timeouts: p.timeouts, dropped: p.dropped, rate: per(p.count), failureRate: per(p.failures),
    bytesIn: p.bytes_in, bytesOut: p.bytes_out, times: new LazyTimes(p.times), faults: p.faults,
    curve: (timing) => curveOf(p.curves[timing] ?? []),
  }
}

/** LazyTimes are unpacked when they are looked at: a table shows one kind of five, and a run that goes on has new ones each second. */
class LazyTimes implements Record<Timing, Times> {
  readonly #packed: RowPayload['times']
  readonly #made: Partial<Record<Timing, Times>> = {}

  constructor(packed: RowPayload['times']) {
    this.#packed = packed
  }

  get response(): Times { return this.#of('response') }
  get service(): Times { return this.#of('service') }
  get lag(): Times { return this.#of('lag') }
  get first_byte(): Times { return this.#of('first_byte') }
  get failed(): Times { return this.#of('failed') }

  #of(timing: Timing): Times {
    return (this.#made[timing] ??= timesOf(this.#packed[timing]))
  }
}

function timesOf(q: Quantiles): Times {
  const [count = 0, mean = 0, min = 0, p50 = 0, p90 = 0, p95 = 0, p99 = 0, p99_9 = 0, max = 0, doubts = 0] = q
  return { count, mean, min, p50, p90, p95, p99, p99_9, max, few: bits(doubts), beyond: bits(doubts >> QUANTILES.length) }
}

function bits(b: number): Record<Quantile, boolean> {
  return { p50: (b & 1) !== 0, p90: (b & 2) !== 0, p95: (b & 4) !== 0, p99: (b & 8) !== 0, p99_9: (b & 16) !== 0 }
}

function curveOf(codes: number[]): Curve {
  const ns = times(codes)
  return { xs: ns.map((_, k) => k / 8), ns }
}

function clockOf(s: SeriesPayload, duration: number): Clock {
  const edges = [...undelta(s.starts), s.end]
  // The run ends within its last bucket; a rate there is over the part that was lived.
  const last = edges.length - 1
  const begins = edges[last - 1] ?? 0
  if (last > 0 && duration > begins && duration < s.end) edges[last] = duration
  const xs = edges.slice(0, -1).map((from, i) => (from + edges[i + 1]!) / 2)
  return { edges, xs, end: edges[last] ?? 0 }
}

function gaugesOf(s: SeriesPayload): Gauges {
  const g = s.gauges
  return {
    users: undelta(g.users), target: undelta(g.target), inFlight: undelta(g.in_flight), waiting: undelta(g.waiting),
    dropped: undelta(g.dropped),
  }
}

function trackOf(p: TrackPayload, clock: Clock, s: SeriesPayload): Track {
  const per = (deltas: number[]) => undelta(deltas).map((n, i) => n / (clock.edges[i + 1]! - clock.edges[i]!))
  return {
    rate: per(p.count), failures: per(p.failures), p50: times(p.p50), p95: times(p.p95), p99: times(p.p99), lagP99: times(p.lag_p99),
    heat: heatOf(p.heat, [...undelta(s.heat_starts), clock.end]),
  }
}

function heatOf(flat: number[], edges: number[]): Heat {
  const heat: Heat = { columns: [], low: Infinity, high: -Infinity }
  let at = 0
  for (let c = 0; c + 1 < edges.length; c++) {
    const column = { from: edges[c]!, to: edges[c + 1]!, total: 0, cells: [] as { band: number; count: number }[] }
    let band = 0
    for (let left = flat[at++] ?? 0; left > 0; left--) {
      band += flat[at++]!
      const count = flat[at++]!
      column.cells.push({ band, count })
      column.total += count
      heat.low = Math.min(heat.low, band)
      heat.high = Math.max(heat.high, band)
    }
    heat.columns.push(column)
  }
  return heat
}

/** bandStart is the shortest time of a band, in ns. */
export function bandStart(band: number): number {
  return 10 ** (band / 10)
}

/** bucketAt is the bucket that covers a moment (s), or the nearest one; -1 when there is none. */
export function bucketAt(edges: readonly number[], second: number): number {
  let low = 0
  let high = edges.length - 2
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (edges[middle]! <= second) low = middle
    else high = middle - 1
  }
  return edges.length < 2 ? -1 : low
}

function zoneOf(rfc3339: string): number {
  const m = /([+-])(\d\d):(\d\d)$/.exec(rfc3339)
  if (!m) return 0
  return (m[1] === '-' ? -1 : 1) * (Number(m[2]) * 60 + Number(m[3]))
}
