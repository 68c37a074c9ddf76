import { expect, test } from 'vitest'
import { fold, folder, isFolded } from './fold'
import type { Row } from './model'

const row = (index: number, type: string, name: string, count = 10, failures = 0): Row =>
  ({ index, type, name, isStep: false, count, failures, failureShare: failures / count, timeouts: 0, dropped: 0, rate: count / 10, failureRate: failures / 10, bytesIn: 5, bytesOut: 1, times: {} as Row['times'], faults: [], curve: () => ({ xs: [], ns: [] }) })

test('names lie under their path', () => {
  expect(['/item/049', '/item/049/', '/a/b/c.png?v=1/2', '/login', '/', 'plain', ''].map(folder)).toEqual(['/item/', '/item/', '/a/b/', '', '', '', ''])
})

test('names of one path become a line whose counts add up', () => {
  const rows = [row(0, 'GET', '/item/1', 10, 1), row(1, 'GET', '/item/2', 30, 1), row(2, 'POST', '/item/1'), row(3, 'GET', '/login'), row(4, 'GET', '/x/only')]
  const { lines, under } = fold(rows)
  expect(lines.map((r) => [r.type, r.name, r.count])).toEqual([['GET', '/item/', 40], ['POST', '/item/1', 10], ['GET', '/login', 10], ['GET', '/x/only', 10]])
  expect(lines.map(isFolded)).toEqual([true, false, false, false])
  expect([lines[0]!.failureShare, lines[0]!.rate, lines[0]!.bytesIn]).toEqual([0.05, 4, 10])
  expect(under.get(lines[0]!.index)).toEqual([rows[0], rows[1]])
})

test('twenty thousand names fold in no time', () => {
  const begun = performance.now()
  expect(fold(Array.from({ length: 20_000 }, (_, i) => row(i, 'GET', `/item/${i}`))).lines.length).toBe(1)
  expect(performance.now() - begun).toBeLessThan(2000)
})
