import { describe, expect, test } from 'vitest'
import { decodeTime, encodeTime, times, undelta } from './codes'

describe('codes of times', () => {
  test.each([
    [null, 0], [0, 1], [1, 2], [999, 1000], [1000, 1001], [1010, 1002], [9990, 1900], [10000, 1901], [412e6, 1000 + 1 + 5 * 900 + 312],
  ])('%s ns is %s', (ns, code) => {
    expect(encodeTime(ns)).toBe(code)
    expect(decodeTime(code)).toBe(ns)
  })

  test('rounding reaches the next power of ten', () => {
    expect(decodeTime(encodeTime(999.6))).toBe(1000)
    expect(decodeTime(encodeTime(9_996))).toBe(10_000)
    expect(decodeTime(encodeTime(9_994))).toBe(9_990)
  })

  test('every code comes back, in order', () => {
    let before = -1
    for (let code = 1; code < 12_000; code++) {
      const ns = decodeTime(code)!
      expect(ns).toBeGreaterThan(before)
      expect(encodeTime(ns)).toBe(code)
      before = ns
    }
  })

  test('no value is off by more than half a unit of its third digit', () => {
    for (let ns = 1; ns < 1e13; ns = ns * 1.0137 + 1) {
      expect(Math.abs(decodeTime(encodeTime(ns))! - ns)).toBeLessThanOrEqual(Math.max(0.5, ns * 0.005))
    }
  })
})

test('differences add up', () => {
  expect(undelta([5, 0, -2, 10])).toEqual([5, 5, 3, 13])
  expect(undelta([])).toEqual([])
  expect(times([0, 1001, -1001, 2])).toEqual([null, 1000, null, 1])
})
