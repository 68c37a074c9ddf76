// Many names folded under the path that they share: /item/001 to /item/500 become one line.

import type { Row, Times } from './model'
import type { Timing } from './payload'

const GROUPS = 1e9 // indexes of folded lines begin here

/** FOLDED is from how many names on a table is folded when it is opened. */
export const FOLDED = 300

/** folder is the path that a name lies under: "/item/" of "/item/049"; "" when it lies under none but the root. */
export function folder(name: string): string {
  const path = name.split(/[?#]/, 1)[0]!
  const end = path.lastIndexOf('/', path.length - (path.endsWith('/') ? 2 : 1))
  return end > 0 ? path.slice(0, end + 1) : ''
}

export const isFolded = (row: Row): boolean => row.index >= GROUPS

const NO_BITS = { p50: false, p90: false, p95: false, p99: false, p99_9: false }
const NOTHING: Times = { count: 0, mean: 0, min: 0, p50: 0, p90: 0, p95: 0, p99: 0, p99_9: 0, max: 0, few: NO_BITS, beyond: NO_BITS }

/** Fold is a folded table: its lines, and what lies under each. */
export interface Fold {
  lines: Row[]
  under: Map<number, Row[]>
}

/** fold puts names of one type under their path. Counts add up; percentiles do not, and are left out. */
export function fold(rows: readonly Row[]): Fold {
  const by = new Map<string, Row[]>()
  for (const r of rows) {
    const f = folder(r.name)
    const key = f === '' ? `${r.type}\n${r.name}` : `${r.type}\n${f}`
    const group = by.get(key)
    if (group) group.push(r)
    else by.set(key, [r])
  }
  const under = new Map<number, Row[]>()
  const lines = [...by.values()].map((group, i) => {
    if (group.length === 1) return group[0]!
    under.set(GROUPS + i, group)
    return together(GROUPS + i, group)
  })
  return { lines, under }
}

function together(index: number, group: readonly Row[]): Row {
  const sum = (f: (r: Row) => number) => group.reduce((n, r) => n + f(r), 0)
  const first = group[0]!
  const [count, failures] = [sum((r) => r.count), sum((r) => r.failures)]
  return {
    index, type: first.type, name: folder(first.name), isStep: first.isStep, count, failures, failureShare: count > 0 ? failures / count : 0,
    timeouts: sum((r) => r.timeouts), dropped: sum((r) => r.dropped), rate: sum((r) => r.rate), failureRate: sum((r) => r.failureRate),
    bytesIn: sum((r) => r.bytesIn), bytesOut: sum((r) => r.bytesOut),
    times: { response: NOTHING, service: NOTHING, lag: NOTHING, first_byte: NOTHING, failed: NOTHING } satisfies Record<Timing, Times>,
    faults: [], curve: () => ({ xs: [], ns: [] }),
  }
}
