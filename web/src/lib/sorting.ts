// Sorting and filtering of tables, apart from how they look.

export type Direction = 'ascending' | 'descending'

export type Value = string | number | null

const collator = new Intl.Collator('en', { numeric: true, sensitivity: 'base' })

/** sorted is the rows by a value; rows without one come last either way, and equal rows keep their order. */
export function sorted<T>(rows: readonly T[], value: (row: T) => Value, direction: Direction): T[] {
  const sign = direction === 'ascending' ? 1 : -1
  return rows
    .map((row) => ({ row, value: value(row) }))
    .sort((a, b) => {
      if (a.value === null || b.value === null) return Number(a.value === null) - Number(b.value === null)
      return sign * compare(a.value, b.value)
    })
    .map((x) => x.row)
}

function compare(a: string | number, b: string | number): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b
  return collator.compare(String(a), String(b))
}

/** filtered is the rows whose text holds every word of the query, in any case. A word that begins with "-" must not occur. */
export function filtered<T>(rows: readonly T[], query: string, text: (row: T) => string): T[] {
  const words = query.toLowerCase().split(/\s+/).filter((w) => w !== '' && w !== '-')
  if (words.length === 0) return [...rows]
  return rows.filter((row) => {
    const t = text(row).toLowerCase()
    return words.every((w) => (w.startsWith('-') ? !t.includes(w.slice(1)) : t.includes(w)))
  })
}
