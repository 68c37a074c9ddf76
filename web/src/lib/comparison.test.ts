import { expect, test } from 'vitest'
import against from '../../test/against.json'
import changes from '../../test/changes.json'
import { axisEnd, chanceText, Comparison, decisive, rangeText, shiftText, told, valueText, weight, type Figure } from './comparison'
import { Run } from './model'
import type { Measure, Payload } from './payload'

// The Go side wrote the payload and the table of words: its golden tests keep them true.
const payload = against as unknown as Payload
const [run, baseline] = payload.runs.map((r) => new Run(r)) as [Run, Run]
const comparison = new Comparison(payload.comparison!, run)

function figure(name: Measure, shift: number, low: number, high: number): Figure {
  return { name, outcome: 'SAME', old: 1, new: 1, shift, low, high, p: NaN, reason: '' }
}

const num = (v: number | string | null) => (v === null ? NaN : Number(v))

test('changes are written as in the terminal', () => {
  for (const c of changes as unknown as { f: Measure; change: number; low: number | string; high: number | string; text: string; range: string }[]) {
    const none = c.f === 'failures' ? 0 : 1
    const f = figure(c.f, num(c.change) - none, num(c.low) - none, num(c.high) - none)
    expect([c, shiftText(f), rangeText(f) || '-']).toEqual([c, c.text, c.range])
  }
})

test('what was found of a small pair', () => {
  expect([comparison.outcome, comparison.refused, comparison.limit, comparison.points]).toEqual(['REGRESSED', false, 0.05, 0.005])
  expect(comparison.spans).toEqual([[0, 10], [2, 10]])
  expect([comparison.gone.length, comparison.added.length]).toEqual([1, 0])
  const total = comparison.of(run.total)!
  expect(total.figures.p50!.shift).toBeCloseTo(-0.249)
  expect(shiftText(total.figures.failures!)).toBe('+3.12 points')
  expect(total.figures.p99!.shift).toBeNaN()
  expect(rangeText(total.figures.p99!)).toBe('')
  expect(valueText('p99', total.figures.p99!.old)).toBe('never')
  expect(told(total.figures.p95!)).toMatch(/^INCONCLUSIVE: 60.0 ms in the baseline, 66.0 ms now; \+10.0 % \(95 %: -3.0 to \+24.0 %\); p = 0.20. the change may lie/)
  expect(comparison.of(run.rows[0]!)!.figures.p50!.high).toBe(Infinity)
  expect(comparison.gravest().map((g) => g.change.name)).toEqual(['/'])
})

test('a row finds its like in the baseline', () => {
  expect(baseline.same(run.total)).toBe(baseline.total)
  expect(baseline.same(run.rows[0]!)).toBe(baseline.rows[0])
  expect(baseline.same({ ...run.rows[0]!, type: 'POST' })).toBeNull()
  expect(baseline.track(baseline.total)!.p95).toHaveLength(10)
  expect(baseline.track(baseline.total)!.heat.columns).toEqual([])
})

test('the worst names come first', () => {
  const [total] = [comparison.total!]
  const of = (outcome: 'REGRESSED' | 'IMPROVED' | 'SAME' | 'INCONCLUSIVE', shift: number) => ({
    type: '', name: '', outcome, reason: '', figures: { p95: { ...figure('p95', shift, shift, shift), outcome } },
  })
  const order = [of('SAME', 9), of('REGRESSED', 0.2), of('IMPROVED', -0.9), of('REGRESSED', Infinity), of('INCONCLUSIVE', 0.5)].sort((a, b) => weight(b) - weight(a))
  expect(order.map((c) => [c.outcome, c.figures.p95.shift])).toEqual([['REGRESSED', Infinity], ['REGRESSED', 0.2], ['IMPROVED', -0.9], ['INCONCLUSIVE', 0.5], ['SAME', 9]])
  expect(decisive(total)!.name).toBe('failures')
  expect(decisive(of('SAME', 1))).toBeNull()
})

test('chances', () => {
  expect([NaN, 0, 0.0004, 0.0123, 0.5].map(chanceText)).toEqual(['', 'p < 0.001', 'p < 0.001', 'p = 0.012', 'p = 0.50'])
})

test('the axis ends with the longer run, within reason', () => {
  const clock = (end: number) => ({ edges: [0, end], xs: [end / 2], end })
  expect([null, clock(50), clock(150), clock(3600)].map((b) => axisEnd(clock(100), b))).toEqual([100, 100, 150, 200])
})
