import { expect, test } from 'vitest'
import { isKnown, ofJSON, rangeText, shiftText, valueText } from '../lib/comparison'
import type { ChangePayload } from '../lib/payload'
import type { Second } from './api'
import { clockOf, curves, labelled, stepOf } from './groups'

test('a change of the API is a ratio, and its times are milliseconds', () => {
  const c = ofJSON({
    type: 'GET', name: '/', outcome: 'REGRESSED',
    figures: [
      { name: 'rate', outcome: 'SAME', old: 185, new: 144, change: 0.776, low: 0.75, high: 0.8, p: 0.01 },
      { name: 'failures', outcome: 'SAME', old: 0, new: 0.01, change: 0.01, low: 0, high: 0.02, p: 1 },
      { name: 'p95', outcome: 'REGRESSED', old: 18.5, new: 76.3, change: 4.12, low: null, high: null, p: null },
    ],
  } as ChangePayload)
  expect([shiftText(c.figures.rate!), rangeText(c.figures.rate!), shiftText(c.figures.failures!), shiftText(c.figures.p95!)]).toEqual(['-22.4 %', '-25.0 to -20.0 %', '+1 points', '+312.0 %'])
  expect([valueText('rate', c.figures.rate!.old), valueText('p95', c.figures.p95!.new), isKnown(c.figures.p95!)]).toEqual(['185/s', '76.3 ms', false])
})

const second = (from_s: number, width_s: number, p95: number) => ({ from_s, width_s, lasted_s: width_s, total: { count: 10 * width_s, failures: 1, timed: p95 > 0 ? 10 : 0, p95 } }) as unknown as Second

test('runs of different lengths lie over one another', () => {
  expect(stepOf([{ duration_s: 12 }, { duration_s: 3600 }])).toBe(10)
  expect(stepOf([])).toBe(1)
  const side = (n: number) => Array.from({ length: n }, (_, i) => ({ id: `r${i}`, name: '', started: `2026-11-${10 + i}T02:30:00Z`, duration_s: 4, changes: i === 6 ? 'cache\noff' : '' }))
  expect(labelled(side(7), false).map((r) => r.color !== '')).toEqual([false, false, true, true, true, true, true])
  expect(labelled(side(7), true).at(-1)).toMatchObject({ text: '2026-11-16 02:30', changes: 'cache' })
  const got = new Map([['r0', [second(0, 1, 5), second(1, 1, 0)]], ['r1', [second(0, 4, 7)]]])
  const clock = clockOf([...got.values()], 1)
  expect(clock).toEqual({ edges: [0, 1, 2, 3, 4], xs: [0.5, 1.5, 2.5, 3.5], end: 4 })
  expect(curves(labelled(side(2), true), got, clock, 1, 'p95').map((l) => l.values)).toEqual([[5e6, null, null, null], [7e6, 7e6, 7e6, 7e6]])
  expect(curves(labelled(side(2), true), got, clock, 1, 'rate').map((l) => l.values)).toEqual([[10, 10, null, null], [10, 10, 10, 10]])
})
