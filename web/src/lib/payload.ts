// The report as it lies in the page; internal/report/html_payload.go writes it. Fields that the result file (schema 1) has too mean the
// same here. Times of rows and series are nanoseconds, so that no figure is rounded twice. A list called Deltas holds the first value
// and then the difference to the one before; see codes.ts for times in three digits.

export const PAYLOAD = 1

export type Deltas = number[]

// Quantiles is [count, mean, min, p50, p90, p95, p99, p99.9, max, doubts]. doubts has a bit for each of the five quantiles, in order:
// 1, 2, 4, 8, 16 when fewer than ten samples lie beyond it, and 32, 64 ... when dropped arrivals reach into it: the truth is greater.
export type Quantiles = number[]

export interface Payload {
  payload: number
  outcome: string // PASSED, FAILED, REGRESSED, INVALID, INTERRUPTED
  line: string // the result in one line
  comparison?: ComparisonPayload // what was found between the two runs, when they were compared
  runs: RunPayload[] // the run, and a baseline to hold it against when there is one; of that only what lies under the figures of the run
}

export type Outcome = 'REGRESSED' | 'IMPROVED' | 'SAME' | 'INCONCLUSIVE'

export interface ComparisonPayload {
  found: {
    outcome: Outcome
    reason: string // for INCONCLUSIVE: what would decide it
    old: SidePayload[] // the runs of each side
    new: SidePayload[]
    differences: Difference[] // in what the sides differ besides their results
    missing: { type: string; name: string }[] // names of one side only
    spans: [[number, number], [number, number]] // from and to (s) of what was compared, of the baseline and of the run
    limit: Numeric // a change of this share matters
    points: Numeric // the same for failures
  }
  rows: ChangePayload[] // all requests together, without type and name, then each name of both sides; none when it was refused
}

export interface SidePayload {
  id: string
  name: string
  started: string
  duration_s: number
  changes: string
}

export interface Difference {
  what: string
  old: string
  new: string
  advice: string
  refused: boolean // too large to compare in earnest
}

export interface ChangePayload {
  type: string
  name: string
  outcome: Outcome
  reason?: string // for INCONCLUSIVE: what would decide it
  figures: FigurePayload[]
}

// Numeric is a number that may be none (null) or endless (a text).
export type Numeric = number | 'Infinity' | '-Infinity' | null

export interface FigurePayload {
  name: Measure
  outcome: Outcome
  old: Numeric // ns, per second, or a share
  new: Numeric
  change: Numeric // new / old; for failures new - old
  low: Numeric // its 95 % interval
  high: Numeric
  p: Numeric // how probable such a change is by chance
  reason?: string // for INCONCLUSIVE: what would decide it
}

export type Measure = 'rate' | 'failures' | 'p50' | 'p95' | 'p99'

export interface RunPayload {
  run: RunInfo
  verdict: { level: 'VALID' | 'SUSPECT' | 'INVALID'; reasons: string[] }
  thresholds: Threshold[]
  counts: Counts
  story: StoryPayload
  judged: TotalsPayload
  whole: TotalsPayload | null // warm-up included, without rows and errors; null when there was no warm-up
  series: SeriesPayload | null // null when only the final figures were kept
  phases: { name: string; from_s: number; to_s: number }[]
  events: { at_s: number; kind: string; text: string }[]
  workers: Worker[]
  environment: { name: string; value: string }[]
  warnings: string[]
  notices: string[]
  tasks?: TaskPayload[] // that are picked by weight; absent where none is
  pages?: PicturePayload[] // waterfalls; absent without pages
  servers?: ServerPayload[] // absent when none was watched
  suspects?: SuspectPayload[]
  finding?: FindingPayload
  limit?: LimitPayload // of a search for the load at which a rule stops to hold
}

// TaskPayload is how often a task was begun, beside what its weight asks for: shares of its set.
export interface TaskPayload {
  user_type: string
  task: string
  count: number
  wanted: number
  seen: number
  odd: boolean // further off than chance takes it
}

// ServerPayload is what a server said of itself; long series have the lowest and the highest point of each stretch.
export interface ServerPayload {
  name: string
  kind: string
  notes: string[]
  asked: number
  failed: number
  series: SeriesOfServer[]
}

export interface SeriesOfServer {
  name: string
  unit: string // "%", "B", "s", "ms", "/s", "" for plain counts
  help: string
  limit: number | null
  follows: boolean // the answers' times, whatever makes them long
  ceiling: boolean // at its limit the server can do no more
  points: [number, number][] // second of the run, value
}

export interface SuspectPayload {
  server: string
  series: string
  since_s: number
  why: string
  score: number
  headroom?: number
  victim?: boolean // it follows the answers' times
}

export interface FindingPayload {
  slow: boolean
  knee_s: number
  rising: boolean
  what: string
  watched: number
  text: string
}

export interface LimitPayload {
  rule: string
  unit: string
  value: number
  low: number
  high: number // 0: it broke at no load that was tried
  whose: string
  done: boolean
  notes: string[]
  steps: { load: number; holds: boolean; sure: boolean; value: string; from_s: number; to_s: number; verdict: string; rate: number; in_flight: number; why?: string }[]
  usl?: { lambda: number; sigma: number; kappa: number; peak: number | null; from: number; to: number }
  baseline?: { run: string; value: number; low: number; high: number; text: string; worse: boolean } // the search that it was held against
}

export interface PicturePayload {
  page: string
  which: 'median' | 'slowest'
  time: number // ms, of the whole page
  more: number // requests that are left out
  spans: { kind: string; url: string; start: number; first_byte: number; done: number; status: number; bytes: number; failed?: boolean }[] // ms since the page began
}

// StoryPayload is the run in a few sentences: what visitors felt, and the stretches in which something went wrong, in order.
export interface StoryPayload {
  felt: string
  moments: { from_s: number; to_s: number; text: string }[]
  more: number // shorter stretches that are not among them
}

export interface RunInfo {
  id: string
  name: string
  started: string // RFC 3339 with the zone of the machine that ran it
  duration_s: number
  users: number
  spawn_rate: number
  host: string
  seed: string // too large for a number
  model: string
  headline: 'response' | 'service'
  users_text: string
  rate_text: string
  plan_hash: string
  version: string
  io: string
  changes: string
  focus: string
  notes: string
  links: string[]
  tags: string[]
  stopped: string
  interrupted: boolean
  cost_usd?: number // of its machines; absent when nobody said what they cost
  cost_basis?: string
}

export interface Threshold {
  expr: string
  passed: boolean
  value: number | null // null: nothing was measured
  value_text: string
  limit_text: string
  margin: number // share of the limit, negative when broken
  beyond: boolean
  reason: string
  first_broken_s: number // 0: never, or judged at the end only
  stop: boolean
  line?: { row: number; quantile: string; at: number } // a limit on a time that a chart draws: row as in judged.rows, -1 is the total
}

export interface Counts {
  planned: number
  sent: number
  dropped: number
  not_started: number // visitors that never got through OnStart
  in_flight: number
  oldest_ns: number
  users_started: number
  start_failed: number
  died: number
  peak_users: number
}

export interface TotalsPayload {
  seconds: number
  total: RowPayload
  rows: RowPayload[]
  errors: ErrorPayload[]
}

export interface RowPayload {
  type: string
  name: string
  count: number
  failures: number
  timeouts: number
  dropped: number
  bytes_in: number
  bytes_out: number
  times: Record<Timing, Quantiles>
  curves: Partial<Record<Timing, Deltas | null>> // none while a run goes on; codes of the quantiles 1 - 10^(-k/8), k = 0, 1, 2 ..., as far as samples go
  faults: { kind: string; status?: number; count: number }[]
}

export type Timing = 'response' | 'service' | 'lag' | 'first_byte' | 'failed'

export interface SeriesPayload {
  starts: Deltas // second at which each bucket begins; buckets may differ in width
  end: number // second at which the last one ends
  heat_starts: Deltas // the same for the columns of heat maps
  gauges: { users: Deltas; target: Deltas; in_flight: Deltas; waiting: Deltas; dropped: Deltas }
  total: TrackPayload
  rows: (TrackPayload | null)[] // as judged.rows; null for a name without a course: too many names, or nothing happened
}

export interface TrackPayload {
  count: Deltas
  failures: Deltas
  p50: Deltas // codes, as are the next three
  p95: Deltas
  p99: Deltas
  lag_p99: Deltas
  // Answers by time and how long they took: for each column the number of its cells, then band (the difference to the one before) and
  // count of each. Band b holds times from 10^(b/10) to 10^((b+1)/10) ns.
  heat: number[]
}

export interface ErrorPayload {
  type: string
  name: string
  error: string
  count: number
  first_s: number
  last_s: number
  kind: string
  workers: number[]
  detail?: string // what the first failed answer said
  stack?: string
}

export interface Worker {
  number: number
  name: string
  users: number
  cpu: number
  sent: number
  lost: number // arrivals that were its share and that nobody sent
  gone: boolean // it left before the end
  last_second: number
  reason?: string // why it is gone
}
