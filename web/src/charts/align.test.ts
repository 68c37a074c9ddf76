import { expect, test } from 'vitest'
import { align, lonely, nearest } from './align'

test('curves of one clock stay as they are', () => {
  const values = [1, null, 3]
  const got = align([1, 2, 3], [{ values }, { values, xs: [1, 2, 3] }])
  expect(got.xs).toEqual([1, 2, 3])
  expect(got.values).toEqual([values, values])
})

test('curves of two clocks share an axis, and keep their gaps', () => {
  const got = align([1, 3, 5], [{ values: [10, null, 30] }, { values: [7, 8], xs: [3, 9] }])
  expect(got.xs).toEqual([1, 3, 5, 9])
  expect(got.values).toEqual([[10, null, 30, undefined], [undefined, 7, undefined, 8]])
})

test('the pointer finds the nearest place that a curve has', () => {
  const values = [undefined, 1, undefined, undefined, null, undefined]
  expect([0, 1, 2, 3, 4, 5].map((i) => nearest(values, i))).toEqual([1, 1, 1, 4, 4, 4])
  expect(nearest([undefined], 0)).toBe(0)
})

test('lonely values get a point, whatever lies between the places of their curve', () => {
  expect(lonely([1, null, 2, 3, null, 4])).toEqual([0, 5])
  expect(lonely([undefined, 1, undefined, null, undefined, 2, undefined, 3, undefined])).toEqual([1])
  expect(lonely([null, undefined, 5])).toEqual([2])
  expect(lonely([])).toEqual([])
})
