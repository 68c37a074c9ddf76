// A run held against its baseline: what changed, in words and in order of weight.

import { NONE, duration, fixed, number, percent, rate } from './format'
import type { Clock, Row, Run } from './model'
import type { ChangePayload, ComparisonPayload, Difference, FigurePayload, Measure, Numeric, Outcome, SidePayload } from './payload'

export const MEASURES: readonly { key: Measure; label: string }[] = [
  { key: 'rate', label: 'Rate' },
  { key: 'failures', label: 'Failed' },
  { key: 'p50', label: 'p50' },
  { key: 'p95', label: 'p95' },
  { key: 'p99', label: 'p99' },
]

/** labelOf is what a figure is called in a sentence. */
export function labelOf(m: Measure): string {
  return m === 'rate' ? 'rate' : m === 'failures' ? 'failed' : m
}

/** axisEnd is where the axis of two runs ends (s): with the longer one, but never so late that the run is squeezed into less than half. */
export function axisEnd(run: Clock, baseline: Clock | null): number {
  return Math.max(run.end, Math.min(baseline?.end ?? 0, 2 * run.end))
}

/** OUTCOMES are how each is shown: a tone, a sign for those who do not see tones, and a weight to sort by. */
export const OUTCOMES: Record<Outcome, { tone: 'bad' | 'good' | 'warn' | 'same'; sign: string; weight: number; word: string }> = {
  REGRESSED: { tone: 'bad', sign: '✕', weight: 3, word: 'worse' },
  IMPROVED: { tone: 'good', sign: '✓', weight: 2, word: 'better' },
  INCONCLUSIVE: { tone: 'warn', sign: '?', weight: 1, word: 'not decided' },
  SAME: { tone: 'same', sign: '=', weight: 0, word: 'the same' },
}

/** Figure is one figure of one name. Shift is the change as a share of the old value, for failures as a difference of shares. */
export interface Figure {
  name: Measure
  outcome: Outcome
  old: number // ns, per second, or a share; NaN for none, Infinity for beyond what was measured
  new: number
  shift: number
  low: number
  high: number
  p: number
  reason: string
}

/** Change is one name, or all requests. */
export interface Change {
  type: string
  name: string
  outcome: Outcome
  reason: string
  figures: Partial<Record<Measure, Figure>>
}

export class Comparison {
  readonly outcome: Outcome
  readonly reason: string
  readonly old: SidePayload[]
  readonly new: SidePayload[]
  readonly differences: Difference[]
  readonly refused: boolean
  readonly spans: [[number, number], [number, number]]
  readonly limit: number // a change of this share matters; 0 when that is not known
  readonly points: number // the same for failures
  readonly total: Change | null
  readonly names: Change[]
  readonly gone: { type: string; name: string }[] // names that only the baseline has
  readonly added: { type: string; name: string }[] // names that only the run has

  private readonly byName = new Map<string, Change>()

  constructor(payload: ComparisonPayload, run: Run) {
    const { found } = payload
    this.outcome = known(found.outcome)
    this.reason = found.reason
    this.old = found.old
    this.new = found.new
    this.differences = [...found.differences].sort((a, b) => Number(b.refused) - Number(a.refused))
    this.refused = payload.rows.length === 0
    this.spans = found.spans
    this.limit = value(found.limit) || 0
    this.points = value(found.points) || 0
    const changes = payload.rows.map(changeOf)
    const isTotal = (c: Change) => c.type === '' && c.name === '' && c === changes[0]
    this.total = changes.find(isTotal) ?? null
    this.names = changes.filter((c) => !isTotal(c))
    for (const c of this.names) this.byName.set(keyOf(c), c)
    const own = new Set(run.rows.map(keyOf))
    this.gone = found.missing.filter((k) => !own.has(keyOf(k)))
    this.added = found.missing.filter((k) => own.has(keyOf(k)))
  }

  /** of is what was found of a row, null when the baseline does not have it. */
  of(row: Row): Change | null {
    return row.index < 0 ? this.total : (this.byName.get(keyOf(row)) ?? null)
  }

  /** count is how many names have an outcome. */
  count(outcome: Outcome): number {
    return this.names.filter((c) => c.outcome === outcome).length
  }

  /** gravest are the names that changed, the worst first, each with the figure that says most. */
  gravest(): { change: Change; figure: Figure }[] {
    return this.names
      .flatMap((change) => {
        const figure = decisive(change)
        return figure ? [{ change, figure }] : []
      })
      .sort((a, b) => weight(b.change) - weight(a.change))
  }
}

function known(outcome: Outcome): Outcome {
  return outcome in OUTCOMES ? outcome : 'INCONCLUSIVE'
}

function keyOf(k: { type: string; name: string }): string {
  return `${k.type}\u0000${k.name}`
}

function value(n: Numeric): number {
  return n === null ? NaN : Number(n)
}

/** ofJSON is a change as the API writes it, whose times are milliseconds, as a payload has it, whose times are nanoseconds. */
export function ofJSON(p: ChangePayload): Change {
  const ns = (n: Numeric): Numeric => (n === null ? null : Number(n) * 1e6)
  return changeOf({ ...p, figures: p.figures.map((f) => (f.name.startsWith('p') ? { ...f, old: ns(f.old), new: ns(f.new) } : f)) } as ChangePayload)
}

function changeOf(p: ChangePayload): Change {
  return { type: p.type, name: p.name, outcome: known(p.outcome), reason: p.reason ?? '', figures: Object.fromEntries(p.figures.map((f) => [f.name, figureOf(f)])) }
}

function figureOf(f: FigurePayload): Figure {
  const none = f.name === 'failures' ? 0 : 1
  return {
    name: f.name, outcome: known(f.outcome), old: value(f.old), new: value(f.new), shift: value(f.change) - none, low: value(f.low) - none, high: value(f.high) - none,
    p: value(f.p), reason: f.reason ?? '',
  }
}

/** decisive is the figure that says most of a name that changed: the first of these that has its outcome. Null when nothing changed. */
export function decisive(change: Change): Figure | null {
  if (change.outcome !== 'REGRESSED' && change.outcome !== 'IMPROVED') return null
  const order: Measure[] = ['p95', 'p99', 'p50', 'failures', 'rate']
  return order.map((m) => change.figures[m]).find((f) => f?.outcome === change.outcome) ?? null
}

/** size makes changes of all figures comparable: a point of failures weighs as much as ten per cent of a time. */
function size(f: Figure): number {
  const s = Number.isNaN(f.shift) ? 0 : Math.abs(f.shift)
  return f.name === 'failures' ? s * 10 : s
}

/** weight orders names: by outcome, then by how much they changed. */
export function weight(change: Change): number {
  const f = decisive(change)
  const s = f ? size(f) : 0
  return OUTCOMES[change.outcome].weight + (s === Infinity ? 0.999 : (0.999 * s) / (1 + s))
}

/** shiftText is a change as the terminal writes it: "+38.0 %", "12.3 times"; of failures "-0.31 points". */
export function shiftText(f: Figure): string {
  return changeText(f.name, f.shift)
}

function changeText(name: Measure, shift: number): string {
  if (Number.isNaN(shift)) return NONE
  if (!Number.isFinite(shift)) return 'endless'
  if (name === 'failures') {
    const text = fixed(shift * 100, 2).replace(/\.?0+$/, '').replace(/^-?0?$/, '0')
    return (shift > 0 && text !== '0' ? '+' : '') + text + ' points'
  }
  if (shift >= 10) return number(shift + 1) + ' times'
  const tenths = Math.sign(shift) * Math.round(Math.abs(shift) * 1000)
  return tenths === 0 ? '0 %' : `${tenths > 0 ? '+' : ''}${(tenths / 10).toFixed(1)} %`
}

/** toneOf is how a figure is shown: one that rests on too little says nothing, and looks like it. */
export function toneOf(f: Figure): string {
  return isKnown(f) ? OUTCOMES[f.outcome].tone : 'same'
}

/** isKnown says whether there was enough to say anything of a figure. */
export function isKnown(f: Figure): boolean {
  return !(Number.isNaN(f.low) || Number.isNaN(f.high) || (f.low === -Infinity && f.high === Infinity))
}

/** rangeText is where the change lies with 95 % confidence: "+31.2 to +45.0 %"; empty when that is not known. */
export function rangeText(f: Figure): string {
  if (!isKnown(f)) return ''
  const [low, high] = [changeText(f.name, f.low), changeText(f.name, f.high)]
  const unit = f.name === 'failures' ? ' points' : ' %'
  return `${high.endsWith(unit) ? low.replace(unit, '') : low} to ${high}`
}

/** valueText is the figure of one run. */
export function valueText(name: Measure, v: number): string {
  if (Number.isNaN(v)) return NONE
  if (name === 'rate') return rate(v)
  if (name === 'failures') return percent(v)
  return v === Infinity ? 'never' : duration(v) // dropped arrivals, which were never answered, reach into the quantile
}

/** chanceText is how probable such a change is when nothing changed: "p = 0.003"; empty when that is not known. */
export function chanceText(p: number): string {
  if (Number.isNaN(p)) return ''
  return p < 0.001 ? 'p < 0.001' : `p = ${fixed(p, p < 0.1 ? 3 : 2)}`
}

/** told is a figure in full, for tips and for those who listen. */
export function told(f: Figure): string {
  const parts = [`${valueText(f.name, f.old)} in the baseline, ${valueText(f.name, f.new)} now`, shiftText(f)]
  const range = rangeText(f)
  if (range) parts[1] += ` (95 %: ${range})`
  const chance = chanceText(f.p)
  if (chance) parts.push(chance)
  return `${f.outcome}: ${parts.join('; ')}${f.reason ? `. ${f.reason}` : ''}`
}
