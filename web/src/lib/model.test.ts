import { expect, test } from 'vitest'
import one from '../../test/one.json'
import opened from '../../test/open.json'
import { bandStart, bucketAt, nameOf, Run } from './model'
import type { Payload } from './payload'

// Both payloads were written by the Go side: its golden test keeps them true.
const open = new Run((opened as unknown as Payload).runs[0]!)
const single = new Run((one as unknown as Payload).runs[0]!)

test('a run with dropped arrivals', () => {
  expect(open.info.model).toBe('open')
  expect(open.rows).toHaveLength(1)
  expect(open.counts.dropped).toBe(50)
  expect(open.total.count).toBe(950)
  expect(open.total.rate).toBe(95)
  const t = open.headline(open.total)
  expect(t.count).toBe(950)
  expect(t.min).toBeLessThan(t.p50)
  expect(t.p50).toBeLessThan(t.p95)
  expect(t.beyond).toEqual({ p50: false, p90: false, p95: false, p99: true, p99_9: true })
  expect(t.p99).toBe(t.max)
  expect(open.total.times.service.beyond.p99).toBe(true)
})

test('its course', () => {
  expect(open.clock!.edges).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
  expect(open.clock!.xs[0]).toBe(0.5)
  const track = open.track(open.total)!
  expect(track.rate).toEqual(Array(10).fill(95))
  expect(track.failures).toEqual(Array(10).fill(0))
  expect(track.heat.columns.map((c) => c.total)).toEqual(Array(10).fill(95))
  expect(bandStart(track.heat.low)).toBeLessThanOrEqual(open.headline(open.total).min * 1.01)
  expect(bandStart(track.heat.high + 1)).toBeGreaterThanOrEqual(open.headline(open.total).max * 0.99)
  expect(open.track(open.total)).toBe(track)
  expect(open.droppedRate()).toEqual(Array(10).fill(5))
  expect(open.gauges!.users).toEqual(Array(10).fill(80))
})

test('its curve rises', () => {
  const { xs, ns } = open.total.curve('response')
  expect(xs.slice(0, 9)).toEqual([0, 0.125, 0.25, 0.375, 0.5, 0.625, 0.75, 0.875, 1])
  for (let i = 1; i < ns.length; i++) expect(ns[i]!).toBeGreaterThanOrEqual(ns[i - 1]!)
})

test('one request', () => {
  expect(single.total.count).toBe(1)
  const t = single.headline(single.total)
  expect([t.min, t.p50, t.max]).toEqual([t.max, t.max, t.max])
  expect(t.few.p99).toBe(true)
  const track = single.track(single.rows[0]!)!
  expect(track.p95.filter((v) => v !== null)).toHaveLength(1)
  expect(track.rate.slice(1).every((v) => v === 0)).toBe(true)
  expect(single.startedAt.toISOString()).toBe('2026-11-02T19:00:00.000Z')
  expect(single.zone).toBe(0)
})

test('without its course, nothing breaks', () => {
  const payload = structuredClone(opened as unknown as Payload).runs[0]!
  payload.series = null
  const run = new Run(payload)
  expect(run.clock).toBeNull()
  expect(run.track(run.total)).toBeNull()
  expect(run.hasTrack(run.total)).toBe(false)
})

test('the last bucket ends with the run', () => {
  const payload = structuredClone(opened as unknown as Payload).runs[0]!
  payload.run.duration_s = 9.5
  const run = new Run(payload)
  expect(run.clock!.end).toBe(9.5)
  expect(run.track(run.total)!.rate.at(-1)).toBe(190)
})

test('a moment finds its bucket', () => {
  const edges = [0, 60, 120, 130, 131]
  expect([-5, 0, 59.9, 60, 125, 130.5, 999].map((s) => bucketAt(edges, s))).toEqual([0, 0, 0, 1, 2, 3, 3])
  expect(bucketAt([], 1)).toBe(-1)
  expect(bucketAt([0], 1)).toBe(-1)
})

test('names', () => {
  expect(nameOf(open.total)).toBe('All requests')
  expect(nameOf({ ...open.rows[0]!, name: ' ' })).toBe('(no name)')
  expect(nameOf(open.rows[0]!)).toBe('/')
})

test('a start that failed by a request is the failure of the site', () => {
  const base = (one as unknown as Payload).runs[0]!
  const error = (kind: string, text: string) => ({ type: kind === 'start' ? 'START' : 'POST', name: 'x', error: text, kind, count: 1, first_s: 0, last_s: 0, workers: [0] })
  const run = new Run({ ...base, judged: { ...base.judged, errors: [error('status', '503'), error('start', '503'), error('start', 'no account left'), error('panic', 'oops')] } })
  expect(run.errors.map((e) => e.error)).toEqual(['503', '503'])
  expect(run.exceptions.map((e) => e.error)).toEqual(['no account left', 'oops'])
})
