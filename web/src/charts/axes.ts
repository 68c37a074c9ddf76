// Where axes have their lines, and what stands there.

import { bytes, duration, number } from '../lib/format'

/** TIME_STEPS are distances between lines of a time axis, in seconds. */
export const TIME_STEPS = [
  1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400, 172800, 604800, 1209600, 2592000,
]

/** DURATION_STEPS are distances between lines of an axis of durations, in ns: 1, 2, 5 in each power of ten, and whole minutes. */
export const DURATION_STEPS = [
  ...Array.from({ length: 11 }, (_, e) => [1, 2, 5].map((m) => m * 10 ** e)).flat().filter((ns) => ns <= 50e9),
  60e9, 120e9, 300e9, 600e9, 1200e9, 3600e9,
]

/** axisDuration is a duration on an axis: as short as it can be. */
export function axisDuration(ns: number): string {
  if (ns === 0) return '0'
  return duration(ns).replace(/\.0+(?= )/, '').replace(/(\.\d*?)0+(?= )/, '$1')
}

/** axisBytes is an amount of bytes on an axis. */
export function axisBytes(v: number): string {
  return v === 0 ? '0' : bytes(Math.round(v)).replace(/\.0+(?= )/, '').replace(/(\.\d*?)0+(?= )/, '$1')
}

/** axisNumber is a number on an axis: "1,200", "15k", "1.5M". */
export function axisNumber(v: number): string {
  const size = Math.abs(v)
  if (size >= 1e6) return short(v / 1e6) + 'M'
  if (size >= 10_000) return short(v / 1e3) + 'k'
  return short(v)
}

function short(v: number): string {
  const text = number(v)
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text
}

/** clockLabel is a second of the run on an axis whose lines are step seconds apart. */
export function clockLabel(s: number): string {
  const two = (n: number) => String(n).padStart(2, '0')
  const h = Math.floor(s / 3600)
  const m = Math.floor(s / 60) % 60
  if (h > 0) return s % 60 === 0 ? `${h}:${two(m)} h` : `${h}:${two(m)}:${two(s % 60)}`
  return `${m}:${two(Math.floor(s % 60))}`
}

/** logLines are lines of a logarithmic axis of durations between two values: powers of ten, with 2 and 5 when there is room. */
export function logLines(low: number, high: number, room: number): number[] {
  const decades = Math.log10(high / low)
  const steps = decades <= 0 || room / decades > 90 ? [1, 2, 5] : room / decades > 55 ? [1, 3] : [1]
  const lines: number[] = []
  for (let e = Math.floor(Math.log10(low)); e <= Math.ceil(Math.log10(high)); e++) {
    for (const m of steps) {
      const v = m * 10 ** e
      if (v >= low * 0.9999 && v <= high * 1.0001) lines.push(v)
    }
  }
  return lines
}

/** niceTop is a round number at or above v, so that the highest value does not touch the edge. */
export function niceTop(v: number): number {
  if (!(v > 0)) return 1
  const power = 10 ** Math.floor(Math.log10(v))
  for (const m of [1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10]) if (v <= m * power * 1.0001) return m * power
  return 10 * power
}
