import { describe, expect, test } from 'vitest'
import { axisDuration, axisNumber, clockLabel, logLines, niceTop } from './axes'
import { bandAt, busiest, cells, frameOf, ramp, secondAt, strength, xOf, yOf } from './heat'

test('axes say little', () => {
  expect([0, 500e3, 1e6, 1.5e9, 2e9, 120e9].map(axisDuration)).toEqual(['0', '500 us', '1 ms', '1.5 s', '2 s', '120 s'])
  expect([0, 0.5, 200, 1200, 15_000, 1.5e6].map(axisNumber)).toEqual(['0', '0.5', '200', '1,200', '15k', '1.5M'])
  expect([0, 65, 3600, 3665].map(clockLabel)).toEqual(['0:00', '1:05', '1:00 h', '1:01:05'])
  expect([0, 1, 1.01, 7, 99, 1234].map(niceTop)).toEqual([1, 1, 1.2, 8, 100, 1500])
})

test('a logarithmic axis has lines at powers of ten, and more when there is room', () => {
  expect(logLines(1e6, 1e9, 100)).toEqual([1e6, 1e7, 1e8, 1e9])
  expect(logLines(1e6, 1e7, 300)).toEqual([1e6, 2e6, 5e6, 1e7])
  expect(logLines(3e6, 4e6, 300)).toEqual([])
})

describe('heat map', () => {
  const heat = {
    low: 60, high: 65,
    columns: [
      { from: 0, to: 10, total: 30, cells: [{ band: 60, count: 20 }, { band: 65, count: 10 }] },
      { from: 10, to: 12, total: 8, cells: [{ band: 61, count: 8 }] },
    ],
  }
  const f = frameOf(heat, { left: 50, top: 10, width: 120, height: 80, from: 0, to: 12 })

  test('places and the way back', () => {
    expect(f.high - f.low + 1).toBe(8)
    expect(xOf(f, 6)).toBe(110)
    expect(secondAt(f, 110)).toBeCloseTo(6)
    expect(bandAt(f, yOf(f, 10 ** 6.15))).toBe(61)
    expect(bandAt(f, 89)).toBe(f.low)
  })

  test('colours are per second, so that long stretches are not darker', () => {
    expect(busiest(heat, 0, 12)).toBe(4)
    expect(busiest(heat, 0, 10)).toBe(2)
    expect(strength(4, 4)).toBe(1)
    expect(strength(0.001, 4)).toBeGreaterThan(0.05)
    expect(strength(1, 0)).toBe(0)
    const colors = ramp(['#000000', '#ffffff'])
    expect([colors[0], colors[63], colors.length]).toEqual([0xff000000, 0xffffffff, 64])
    expect([...ramp(['#102030', '#102030'])].every((c) => c === 0xff302010)).toBe(true)
  })

  test('cells lie where their time and their band are', () => {
    const colors = ramp(['#000000', '#ffffff'])
    const image = cells(heat, f, colors, 12) // a pixel a second
    const at = (second: number, band: number) => image[(f.high - band) * 12 + second]
    expect([at(0, 60), at(9, 60), at(10, 60)]).toEqual([colors[Math.round(strength(2, 4) * 63)], colors[Math.round(strength(2, 4) * 63)], 0])
    expect([at(9, 61), at(10, 61), at(11, 61)]).toEqual([0, colors[63], colors[63]])
    expect(image.filter((c) => c !== 0).length).toBe(22)
    const late = cells(heat, { ...f, from: 11, to: 12 }, colors, 12) // zoomed in: the column fills the plot
    expect(late.filter((c) => c === colors[63]).length).toBe(12)
  })
})
