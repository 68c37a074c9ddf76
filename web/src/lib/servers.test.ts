import { expect, test } from 'vitest'
import type { SeriesOfServer, ServerPayload } from './payload'
import { amount, byNeed, clockOfPoints, spanOf } from './servers'

const series = (name: string, points: [number, number][], more: Partial<SeriesOfServer> = {}): SeriesOfServer => ({ name, unit: '', help: '', limit: null, follows: false, ceiling: false, points, ...more })

test('units', () => {
  expect([amount('B')(1.2e9), amount('%')(97.5), amount('/s')(1204), amount('')(43), amount('ms')(4.12)]).toEqual(['1.20 GB', '97.5 %', '1,204/s', '43', '4.12 ms'])
  expect([amount('connections')(6), spanOf(series('a', [[0, 6], [1, 0]], { unit: 'connections' })), spanOf(series('a', [[0, 1e9], [1, 2e9]], { unit: 'B' })), spanOf(series('a', [[0, 3]])), spanOf(series('a', []))]).toEqual(['6 connections', '0 to 6 connections', '1.00 GB to 2.00 GB', '3', ''])
})

test('a value holds until the next', () => {
  expect(clockOfPoints(series('a', [[0, 1], [5, 2], [10, 3]]))).toEqual({ xs: [0, 5, 10], edges: [0, 5, 10, 15], end: 15 })
  expect(clockOfPoints(series('a', [])).edges).toEqual([1])
})

test('suspects come first, then what is near its limit; what has no points is left out', () => {
  const server: ServerPayload = {
    name: 'db', kind: 'mysql', notes: [], asked: 1, failed: 0,
    series: [
      series('questions', [[0, 5]]), series('connections', [[0, 30]], { limit: 100 }), series('cpu', [[0, 80]], { unit: '%', ceiling: true }),
      series('locks', [[0, 1]]), series('empty', []),
    ],
  }
  const suspect = { server: 'db', series: 'locks', since_s: 3, why: 'it rose', score: 2 }
  const found = byNeed(server, [{ ...suspect, server: 'web' }, suspect])
  expect(found.map((f) => f.series.name)).toEqual(['locks', 'cpu', 'connections', 'questions'])
  expect(found[0]!.suspect).toBe(suspect)
})
