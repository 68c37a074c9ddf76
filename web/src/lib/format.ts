// How numbers are written. The terminal and all other exports print through internal/format; these functions give the same text, digit by
// digit: format.test.ts runs both over the same table (../../test/format.json, written by a Go test). Times are in nanoseconds.

export const NONE = '-'

/** count is a whole number with thousands apart: "1,204". */
export function count(n: number): string {
  const digits = Math.abs(n).toFixed(0)
  return (n < 0 ? '-' : '') + thousands(digits)
}

function thousands(digits: string): string {
  return digits.replace(/\B(?=(\d{3})+$)/g, ',')
}

/** fixed is toFixed, except that what lies exactly between two numbers goes to the even one, as in Go. */
export function fixed(v: number, digits: number): string {
  const text = v.toFixed(digits)
  if (v < 0) return '-' + fixed(-v, digits)
  const past = (v * 10 ** digits) % 1
  if (past < 0.499 || past > 0.501) return text // nowhere near the middle: tables write thousands of these each second
  const exact = v.toFixed(Math.min(100, digits + 60))
  const rest = exact.slice(exact.indexOf('.') + 1 + digits)
  if (!/^50*$/.test(rest)) return text
  const below = exact.slice(0, exact.length - rest.length).replace(/\.$/, '')
  return Number(below.at(-1)) % 2 === 0 ? below : text
}

/** number keeps three significant digits below 100, and is whole from there on: "0.00123", "12.3", "1,204". */
export function number(v: number): string {
  if (Number.isNaN(v)) return NONE
  if (!Number.isFinite(v)) return 'infinite'
  if (v < 0) return '-' + number(-v)
  if (v === 0) return '0'
  const exponent = Number(v.toExponential(2).split('e')[1])
  const [whole = '', fraction] = fixed(v, Math.min(Math.max(2 - exponent, 0), 9)).split('.')
  return fraction === undefined ? thousands(whole) : `${whole}.${fraction}`
}

/** rate is so many each second: "1,204/s". */
export function rate(perSecond: number): string {
  if (Number.isNaN(perSecond)) return NONE
  const size = Math.abs(perSecond)
  if (size >= 0.01 && size < 0.995) return fixed(perSecond, 2) + '/s'
  return number(perSecond) + '/s'
}

/** percent writes a share, and never rounds something to nothing or nearly all to all. */
export function percent(share: number): string {
  if (!Number.isFinite(share)) return NONE
  if (share < 0) return '-' + percent(-share)
  if (share === 0) return '0 %'
  if (share === 1) return '100 %'
  if (share < 0.000001) return '< 0.0001 %'
  if (share > 0.999999 && share < 1) return '> 99.9999 %'
  let text = ''
  for (let digits = 1; digits <= 4; digits++) {
    text = fixed(share * 100, digits)
    if (/[1-9]/.test(text) && text.replace(/0+$/, '') !== '100.') break
  }
  return text + ' %'
}

/** bytes is a size in decimal units: "512 B", "1.20 KB". */
export function bytes(n: number): string {
  if (n < 0) return '-' + bytes(-n)
  if (n < 1000) return n.toFixed(0) + ' B'
  const units = ['B', 'KB', 'MB', 'GB', 'TB', 'PB', 'EB']
  let unit = 0
  let v = n
  while (v >= 999.5 && unit < units.length - 1) {
    v /= 1000
    unit++
  }
  return `${number(v)} ${units[unit]}`
}

/** duration is a measured time with three significant digits: "850 us", "4.12 ms", "1.70 s". */
export function duration(ns: number): string {
  if (ns < 0) return '-' + duration(-ns)
  if (ns === 0) return '0 ms'
  if (ns < 999.5) return number(ns) + ' ns'
  if (ns < 999.5e3) return number(ns / 1e3) + ' us'
  if (ns < 999.5e6) return number(ns / 1e6) + ' ms'
  if (ns < 999.5e9) return number(ns / 1e9) + ' s'
  return span(ns)
}

/** span is a stretch of time such as the length of a run: "30 s", "1 h 20 min". */
export function span(ns: number): string {
  if (ns < 0) return '-' + span(-ns)
  const s = ns / 1e9
  if (s < 60 - 0.05) return fixed(s, 1).replace(/\.0$/, '') + ' s'
  if (s < 3600 - 0.5) return pair(Math.round(s), 60, 'min', 1, 's')
  if (s < 86400 - 30) return pair(Math.round(s / 60) * 60, 3600, 'h', 60, 'min')
  return pair(Math.round(s / 3600) * 3600, 86400, 'd', 3600, 'h')
}

function pair(s: number, large: number, largeName: string, small: number, smallName: string): string {
  const rest = Math.floor((s % large) / small)
  return `${count(Math.floor(s / large))} ${largeName}` + (rest > 0 ? ` ${rest} ${smallName}` : '')
}

/** clock is a time since the start, whole seconds: "0:07", "1:02:03". */
export function clock(ns: number): string {
  if (ns < 0) return '-' + clock(-ns)
  const s = Math.floor(Math.round(ns / 1e6) / 1e3)
  const two = (n: number) => String(n).padStart(2, '0')
  if (s < 3600) return `${Math.floor(s / 60)}:${two(s % 60)}`
  return `${Math.floor(s / 3600)}:${two(Math.floor(s / 60) % 60)}:${two(s % 60)}`
}

/** dollars is what something costs: "0.84 USD", "0.0021 USD". */
export function dollars(usd: number): string {
  return fixed(usd, usd < 0.01 && usd > 0 ? 4 : 2) + ' USD'
}

/** quantile is a quantile with its doubt: "412 ms", "1.97 s *" when few samples lie beyond it, "> 2.10 s" when the truth does. */
export function quantile(ns: number, few: boolean, beyond: boolean): string {
  if (beyond) return '> ' + duration(ns)
  return duration(ns) + (few ? ' *' : '')
}

/** quantileName is "p50", "p99.9". */
export function quantileName(q: number): string {
  return 'p' + String(Math.round(q * 100 * 1e9) / 1e9)
}

/** plural is a count with its word. */
export function plural(n: number, one: string, many: string): string {
  return n === 1 ? `1 ${one}` : `${count(n)} ${many}`
}
