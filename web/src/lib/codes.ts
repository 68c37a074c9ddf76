// A time in three digits as one small whole number, so that neighbours differ by little and a series packs well. Codes keep the order:
//
//   0            no time
//   1 .. 1000    0 .. 999 ns
//   above        m * 10^e ns with 100 <= m <= 999 and e >= 1: code = 1001 + (e-1) * 900 + (m-100)

const EXACT = 1000
const STEP = 900

/** decodeTime gives nanoseconds, or null for no time. */
export function decodeTime(code: number): number | null {
  if (code <= 0) return null
  if (code <= EXACT) return code - 1
  const above = code - EXACT - 1
  const exponent = Math.floor(above / STEP) + 1
  return ((above % STEP) + 100) * 10 ** exponent
}

/** encodeTime is the inverse, rounded to three digits. The Go side writes reports; this one is for tests and live data. */
export function encodeTime(ns: number | null): number {
  if (ns === null || !(ns >= 0)) return 0
  let m = Math.round(ns)
  if (m < EXACT) return m + 1
  let exponent = 0
  while (m >= EXACT) {
    exponent++
    m = Math.round(ns / 10 ** exponent)
  }
  return EXACT + 1 + (exponent - 1) * STEP + (m - 100)
}

/** undelta turns differences into values. */
export function undelta(deltas: readonly number[]): number[] {
  let value = 0
  return deltas.map((d) => (value += d))
}

/** times is undelta and decodeTime in one. */
export function times(deltas: readonly number[]): (number | null)[] {
  return undelta(deltas).map(decodeTime)
}
