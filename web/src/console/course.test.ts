import { expect, test } from 'vitest'
import type { Second } from './api'
import { Growing } from './course'

const second = (from: number, width: number, count: number): Second => {
  const p = { count, failures: 0, dropped: 0, timed: count, min: 1, p50: 2, p95: 3, p99: 4, max: 5, lag_p99: 0, service_p50: 2, service_p95: 3, service_p99: 4, bytes_in: 0, bytes_out: 0, heat: [60, count] }
  return { from_s: from, width_s: width, lasted_s: width, total: p, requests: [], gauges: { users: 1, target: 1, in_flight: 0, planned: 0, sent: 0, dropped: 0, waiting: 0, cpu: 0 } }
}

test('seconds are taken in once and in order', () => {
  const g = new Growing([])
  expect([g.add(second(0, 1, 5)), g.add(second(1, 1, 6)), g.add(second(1, 1, 6)), g.add(second(5, 1, 9))]).toEqual(['added', 'added', 'known', 'gap'])
  expect([g.edges, g.requests, g.buckets]).toEqual([[0, 1, 2], 11, 2])
})

test('a longer stretch takes the place of the seconds that it covers', () => {
  const g = new Growing(['GET /a'])
  for (let i = 0; i < 12; i++) g.add(second(i, 1, 1))
  expect(g.add(second(10, 10, 10))).toBe('added')
  expect([g.requests, g.end, g.buckets, g.tracks.get('')!.rate.length, g.tracks.get('GET /a')!.p95.length]).toEqual([20, 20, 11, 11, 11])
  expect(g.tracks.get('')!.rate.at(-1)).toBe(1)
  expect(g.add(second(15, 10, 10))).toBe('gap') // it begins within a stretch: all is asked for anew
  const all = new Growing([])
  all.add(second(0, 1, 1))
  expect([all.add(second(0, 10, 10)), all.requests, all.edges]).toEqual(['added', 10, [0, 10]])
})
