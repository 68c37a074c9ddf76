import { expect, test } from 'vitest'
import { filtered, sorted } from './sorting'

const id = <T>(x: T) => x

test('numbers, texts with numbers, and nothing last', () => {
  expect(sorted([10, 9, null, 100], id, 'ascending')).toEqual([9, 10, 100, null])
  expect(sorted([10, 9, null, 100], id, 'descending')).toEqual([100, 10, 9, null])
  expect(sorted(['page 10', 'Page 9', 'about'], id, 'ascending')).toEqual(['about', 'Page 9', 'page 10'])
})

test('equal rows keep their order in both directions', () => {
  const rows = [['a', 1], ['b', 1], ['c', 0]] as const
  expect(sorted(rows, (r) => r[1], 'ascending').map((r) => r[0])).toEqual(['c', 'a', 'b'])
  expect(sorted(rows, (r) => r[1], 'descending').map((r) => r[0])).toEqual(['a', 'b', 'c'])
})

test('words filter', () => {
  const rows = ['GET /login', 'POST /login', 'GET /store']
  expect(filtered(rows, '', id)).toEqual(rows)
  expect(filtered(rows, '  LOGIN get ', id)).toEqual(['GET /login'])
  expect(filtered(rows, 'get -store', id)).toEqual(['GET /login'])
  expect(filtered(rows, '-', id)).toEqual(rows)
  expect(filtered(rows, '(', id)).toEqual([])
})
