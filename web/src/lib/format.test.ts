import { describe, expect, test } from 'vitest'
import table from '../../test/format.json'
import * as format from './format'

const formats: Record<string, (v: number) => string> = {
  number: format.number, rate: format.rate, percent: format.percent, count: format.count, bytes: format.bytes, duration: format.duration,
  span: format.span, clock: format.clock, dollars: format.dollars,
}

describe('every figure looks as it does in the terminal', () => {
  for (const name of Object.keys(formats)) {
    test(name, () => {
      const lines = table.filter((l) => l.f === name)
      expect(lines.length).toBeGreaterThan(100)
      for (const l of lines) expect([l.v, formats[name]!(l.v)]).toEqual([l.v, l.t])
    })
  }
})

test('doubts', () => {
  expect(format.quantile(412e6, false, false)).toBe('412 ms')
  expect(format.quantile(1.97e9, true, false)).toBe('1.97 s *')
  expect(format.quantile(2.1e9, true, true)).toBe('> 2.10 s')
})

test('what is no number', () => {
  expect(format.number(NaN)).toBe('-')
  expect(format.rate(NaN)).toBe('-')
  expect(format.percent(Infinity)).toBe('-')
  expect(format.number(Infinity)).toBe('infinite')
})

test('counts with words', () => {
  expect(format.plural(1, 'user', 'users')).toBe('1 user')
  expect(format.plural(1500, 'user', 'users')).toBe('1,500 users')
})
