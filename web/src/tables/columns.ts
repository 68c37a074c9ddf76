import type { Direction, Value } from '../lib/sorting'

/** Column is one figure of the rows of a table. */
export interface Column<T> {
  key: string
  label: string
  title?: string // what it is, for the reader who wonders
  right?: boolean // numbers
  roomy?: boolean // left out on narrow screens
  spare?: boolean // left out on paper
  wide?: boolean // takes what room there is
  value: (row: T) => Value // what it is sorted by
  text?: (row: T) => string // what is shown; a cell snippet may show more
  first?: Direction // when it is sorted by for the first time; ascending for texts, descending for numbers
}
