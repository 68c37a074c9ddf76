import type { Clock } from '../lib/model'
import { bucketAt } from '../lib/model'

/** Stage is what charts of one run share: the stretch of time in view and the moment under the pointer, both in seconds. */
export class Stage {
  range = $state<{ from: number; to: number } | null>(null) // null is the whole run
  cursor = $state<number | null>(null)
  length = $state<number | null>(null) // s: the last so many are in view and move along with a run that goes on
  #end = $state(0) // of the axis, s
  #clock: Clock

  /** end is where the axis ends, when that is not with the run: a baseline may go on for longer. */
  constructor(clock: Clock, end = clock.end) {
    this.#clock = clock
    this.#end = end
  }

  get end(): number {
    return this.#end
  }

  /** follow takes the clock of a run that went on. */
  follow(clock: Clock): void {
    this.#clock = clock
    this.#end = Math.max(clock.end, (clock.edges[0] ?? 0) + 1)
    if (this.length) this.range = { from: Math.max(clock.edges[0] ?? 0, this.#end - this.length), to: this.#end }
  }

  /** window shows the last so many seconds. */
  window(seconds: number): void {
    this.length = seconds
    this.follow(this.#clock)
  }

  get from(): number {
    return this.range?.from ?? this.#clock.edges[0] ?? 0
  }

  get to(): number {
    return this.range?.to ?? this.end
  }

  /** bucket is the bucket under the pointer, -1 when the pointer is elsewhere. */
  get bucket(): number {
    return this.cursor === null ? -1 : bucketAt(this.#clock.edges, this.cursor)
  }

  /** at is the value under the pointer of a curve that has its own clock, or that of the run; undefined when the pointer is elsewhere. */
  at(values: readonly (number | null)[], clock: Clock = this.#clock): number | null | undefined {
    if (this.cursor === null) return undefined
    if (this.cursor < (clock.edges[0] ?? 0) || this.cursor > clock.end) return null
    return values[bucketAt(clock.edges, this.cursor)] ?? null
  }

  /** zoom shows a stretch, but never less than two buckets and never more than the run. */
  zoom(a: number, b: number): void {
    this.length = null
    const first = this.#clock.edges[0] ?? 0
    const last = this.end
    let from = Math.max(first, Math.min(a, b))
    let to = Math.min(last, Math.max(a, b))
    const i = bucketAt(this.#clock.edges, (from + to) / 2)
    const least = 2 * (this.#clock.edges[i + 1]! - this.#clock.edges[i]!)
    if (to - from < least) {
      const middle = Math.min(Math.max((from + to) / 2, first + least / 2), last - least / 2)
      from = Math.max(first, middle - least / 2)
      to = Math.min(last, middle + least / 2)
    }
    this.range = from <= first && to >= last ? null : { from, to }
  }

  reset(): void {
    this.length = null
    this.range = null
  }

  /** step moves the pointer by buckets, for the keyboard. */
  step(by: number): void {
    const { xs } = this.#clock
    if (xs.length === 0) return
    const visible = xs.map((x, i) => ({ x, i })).filter(({ x }) => x >= this.from && x <= this.to)
    if (visible.length === 0) return
    const first = visible[0]!.i
    const last = visible.at(-1)!.i
    const now = this.bucket
    const next = now < 0 ? (by > 0 ? first : last) : Math.min(Math.max(now + by, first), last)
    this.cursor = xs[next] ?? null
  }

  /** keys is the keyboard of a chart. It reports whether it used the key. */
  keys(e: KeyboardEvent): boolean {
    const span = this.to - this.from
    const middle = this.cursor ?? (this.from + this.to) / 2
    switch (e.key) {
      case 'ArrowLeft': this.step(e.shiftKey ? -10 : -1); return true
      case 'ArrowRight': this.step(e.shiftKey ? 10 : 1); return true
      case '+': case '=': this.zoom(middle - span / 4, middle + span / 4); return true
      case '-': this.zoom(middle - span, middle + span); return true
      case 'Escape': case '0': this.reset(); this.cursor = null; return true
    }
    return false
  }
}
