import { expect, test } from 'vitest'
import { calendar, outcomeOf, when, type Schedule, type Turn } from './schedules'

const turn = (t: Partial<Turn>): Turn => ({ due: '2026-11-02T01:30:00Z', ended: null, state: 'ran', run: 'r', missed: 0, again: false, words: '', accepted: false, ...t })

test('what a turn came to', () => {
  const worse = outcomeOf(turn({ words: "PASSED: 500 users: 12/s. Beside the nights before: REGRESSED: p95 of GET Log In +38 % since 'cache off'" }))
  expect(worse).toMatchObject({ word: 'PASSED', tone: 'good', beside: 'REGRESSED', besideTone: 'bad', changed: true })
  expect(worse.text).toBe("500 users: 12/s. REGRESSED: p95 of GET Log In +38 % since 'cache off'")
  expect(outcomeOf(turn({ words: 'INVALID, and FAILED: 3 users: 1/s. Beside the nights before: INVALID' }))).toMatchObject({ word: 'INVALID, and FAILED', tone: 'bad', beside: 'INVALID', text: '3 users: 1/s', changed: false })
  expect(outcomeOf(turn({ words: 'nothing that is known' }))).toMatchObject({ word: 'ran', tone: 'same', text: 'nothing that is known' })
  expect(outcomeOf(turn({ state: 'missed', missed: 3, words: 'serve was not there' }))).toMatchObject({ word: 'missed 3 times', tone: 'same', text: 'serve was not there' })
  expect(outcomeOf(turn({ state: 'skipped' })).tone).toBe('warn')
  expect(outcomeOf(turn({ state: 'failed' })).tone).toBe('bad')
  expect(outcomeOf(turn({ state: 'running' })).word).toBe('goes on')
})

test('the calendar has whole weeks with what was and what comes on its day', () => {
  const now = new Date(2026, 10, 18, 12, 0) // a Wednesday
  const at = (d: number, h: number) => new Date(2026, 10, d, h, 30).toISOString()
  const s = { name: 'nightly', turns: [turn({ due: at(17, 2) }), turn({ due: at(18, 2) })], coming: [at(19, 2), at(18, 23), at(1, 2)] } as unknown as Schedule
  const days = calendar([s], now)
  expect(days).toHaveLength(42)
  expect(days.every((d, i) => (d.date.getDay() + 6) % 7 === i % 7)).toBe(true)
  const today = days.find((d) => d.today)!
  expect(today.date.getDate()).toBe(18)
  expect(today.entries.map((e) => [e.at.getHours(), e.turn !== null])).toEqual([[2, true], [23, false]])
  expect(days.filter((d) => d.entries.length > 0).map((d) => d.date.getDate())).toEqual([17, 18, 19])
  expect(days[days.indexOf(today) - 1]!.past).toBe(true)
})

test('a schedule whose times are too many to be told goes on in the calendar', () => {
  const now = new Date(2026, 10, 18, 12, 0)
  const coming = Array.from({ length: 100 }, (_, i) => new Date(2026, 10, 18, 13 + i, 0).toISOString()) // every hour: up to the 22nd
  const days = calendar([{ name: 'hourly', turns: [], coming }, { name: 'nightly', turns: [], coming: coming.slice(0, 99) }] as unknown as Schedule[], now)
  expect(days.filter((d) => d.andOn.length > 0).map((d) => d.date.getDate()).slice(0, 2)).toEqual([22, 23])
  expect(days.at(-1)!.andOn).toEqual(['hourly'])
})

test('moments near by have a word', () => {
  const now = new Date(2026, 10, 18, 12, 0)
  expect(when(new Date(2026, 10, 19, 2, 30).toISOString(), now)).toBe('tomorrow 02:30')
  expect(when(new Date(2026, 10, 18, 2, 5).toISOString(), now)).toBe('today 02:05')
  expect(when(new Date(2026, 10, 22, 2, 30).toISOString(), now)).toBe('Sun 2026-11-22 02:30')
})
