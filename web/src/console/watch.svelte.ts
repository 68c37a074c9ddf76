// A run as this page shows it: its figures, its course, what goes on. One of a run that is over asks once and rests.

import { Run, type Mark } from '../lib/model'
import type { ErrorPayload, Payload, RowPayload, RunPayload, Threshold } from '../lib/payload'
import { get, Trouble, type Point, type Second } from './api'
import { Growing, labelOf } from './course'
import type { Told } from './hub'
import { watchedOf, type Watched } from '../lib/servers'
import { Stream } from './stream'

/** Figures is how a run stands; the stream sends it with each second. */
export interface Figures {
  state: string; elapsed_s: number; length_s: number; phase: string; users: number; rate: number
  counts: { planned: number; sent: number; dropped: number; in_flight: number; users_started: number; start_failed: number; died: number; peak_users: number }
  recent: Point; recent_s: number; verdict: RunPayload['verdict']
  thresholds: (Threshold & { judged: boolean; provisional: boolean })[]
  seconds: number; total: RowPayload; rows: RowPayload[]; names: number; errors?: ErrorPayload[]; warnings: string[]; notices: string[]
}

const MOST_BUCKETS = 1100 // then the course is asked for anew, in stretches that a screen can show
export const TRACKED = 10 // names whose course a run brings along
const LISTED = 150 // rows that are kept up to date at once

/** Part is a stretch of a run. */
export interface Part { run: Run; from: number; to: number; left: number }

interface PartBody { from_s: number; to_s: number; seconds: number; total: RowPayload; rows: RowPayload[]; left_out: number }

const SERVERS_EACH = 5000 // ms
const PART_EACH = 2000 // ms between two looks at a stretch that moves along
const SHOWN_EACH = 200 // ms between two updates at least
const PART_AFTER = 200 // ms that somebody who drags is given

export class Watch {
  run = $state.raw<Run | null>(null)
  figures = $state.raw<Figures | null>(null)
  outcome = $state('')
  line = $state('')
  trouble = $state('')
  linked = $state(true) // the stream is there
  growing = $state.raw<Growing | null>(null)
  watched = $state.raw<Watched | null>(null) // the servers beside it
  part = $state.raw<Part | null>(null) // the table of the stretch of time that charts show; null when they show all
  changed = $state(0) // grows with each second
  took = 0 // ms that the last update of the model took

  #payload: Payload | null = null
  #stream: Stream | null = null
  #live = false
  #closed = false
  #wanted: string[] = []
  #shown: string[] = []
  #from = '0.0'
  #filling: Promise<void> | null = null
  #refill = false // somebody asked while it was under way
  #meanwhile: Second[] = [] // what the stream brought while it was under way
  #rows = new Map<string, number>()
  #range: { from: number; to: number } | null = null
  #asking = false
  #latest = '' // figures that are not shown yet
  #shownAt = -SHOWN_EACH

  /** live says that the run went on a moment ago. */
  constructor(readonly id: string, live: boolean) {
    this.#live = live
    void this.#begin()
  }

  get isLive(): boolean {
    return this.#live
  }

  get state(): string {
    return this.figures?.state ?? (this.#live ? 'running' : 'done')
  }

  /** track makes sure that these names have a course. */
  track(names: string[]): void {
    const missing = names.filter((n) => n !== '' && !this.growing?.tracks.has(n))
    if (missing.length === 0) return
    this.#wanted = [...new Set([...missing, ...this.#wanted])].slice(0, TRACKED + 4)
    void this.#fill()
  }

  /** show says which rows are in sight, where there are too many to keep all up to date. */
  show(labels: string[]): void {
    const next = [...labels].sort()
    if (next.join('\n') === this.#shown.join('\n')) return
    this.#shown = next
    if (this.#live && (this.run?.rows.length ?? 0) > LISTED) this.#listen()
  }

  /** reread asks for the figures of a run that is over once more: what people write of it, and how it compares, is not settled with its end. */
  reread(): void {
    if (!this.#live && this.#payload) void this.#page().catch((e) => this.#failed(e))
  }

  close(): void {
    this.#closed = true
    this.#stream?.close()
  }

  async #begin(): Promise<void> {
    try {
      await Promise.all([this.#page(), this.#fill()]) // all requests first: that is what is on the screen
      if (this.#closed) return
      const rows = [...(this.run?.rows ?? [])].filter((r) => !r.isStep).sort((a, b) => b.count - a.count)
      this.#wanted = rows.slice(0, TRACKED).map((r) => labelOf(r.type, r.name))
      if (this.#wanted.length > 0) await this.#fill()
      if (this.#live) this.#listen()
      if (this.#live && this.watched) void this.#serversAgain()
    } catch (e) {
      this.#failed(e)
    }
  }

  #failed(e: unknown): void {
    if (this.#closed) return
    this.trouble = e instanceof Error ? e.message : String(e)
    if (e instanceof Trouble && (e.status === 0 || e.status === 409 || e.status >= 500)) setTimeout(() => !this.#closed && void this.#begin(), 2000)
  }

  /** page asks for all figures. */
  async #page(): Promise<void> {
    const p = await get<Payload>(`/api/v1/runs/${encodeURIComponent(this.id)}/page`)
    this.trouble = ''
    this.#payload = p
    this.watched = watchedOf(p.runs[0]!)
    this.outcome = p.outcome
    this.line = p.line
    this.#rows = new Map(p.runs[0]!.judged.rows.map((r, i) => [labelOf(r.type, r.name), i]))
    this.#make()
  }

  /** serversAgain asks what the servers said, as long as the run goes on. */
  async #serversAgain(): Promise<void> {
    while (this.#live && !this.#closed) {
      await new Promise((r) => setTimeout(r, SERVERS_EACH))
      if (document.hidden || !this.#live) continue
      try {
        const got = await get<Partial<Watched>>(`/api/v1/servers?${new URLSearchParams({ run: this.id, points: '480' })}`)
        if (this.#live) this.watched = { servers: got.servers ?? [], suspects: got.suspects ?? [], finding: got.finding ?? null }
      } catch {
        // The stream says that the connection is gone; the next look is in a moment.
      }
    }
  }

  /** look says which stretch of time the charts show: the table is of the same. */
  look(range: { from: number; to: number } | null): void {
    this.#range = range
    if (!range) this.part = null
    else if (!this.#asking) void this.#askPart()
  }

  async #askPart(): Promise<void> {
    this.#asking = true
    let done = ''
    try {
      for (let wait = PART_AFTER; this.#range && !this.#closed; wait = PART_EACH) {
        await new Promise((r) => setTimeout(r, done === '' ? wait : Math.min(wait, PART_EACH)))
        const range: { from: number; to: number } | null = this.#range
        if (!range || this.#closed) break
        const [from, to] = [Math.floor(range.from + 0.001), Math.ceil(range.to - 0.001)]
        if (done === `${from} ${to}`) break
        done = `${from} ${to}`
        const got = await get<PartBody>(`/api/v1/runs/${encodeURIComponent(this.id)}/rows?${new URLSearchParams({ from: String(from), to: String(Math.max(to, from + 1)) })}`)
        const payload = this.#payload?.runs[0]
        if (!this.#range || !payload) break
        const judged = { seconds: got.seconds, total: got.total, rows: got.rows, errors: payload.judged.errors }
        this.part = { run: new Run({ ...payload, judged }, this.growing), from: got.from_s, to: got.to_s, left: got.left_out }
      }
    } catch (e) {
      this.#failed(e)
    } finally {
      this.#asking = false
    }
  }

  /** fill asks for the course of what is wanted. */
  async #fill(): Promise<void> {
    if (this.#filling) { // one at a time, however many ask
      this.#refill = true
      return this.#filling.catch(() => undefined) // whoever began it tells
    }
    this.#filling = (async () => {
      do {
        this.#refill = false
        this.#meanwhile = []
        const names = [...this.#wanted]
        const query = new URLSearchParams([...names.map((n) => ['names', n]), ['heat', 'true']])
        const got = await get<{ seconds: Second[]; next: string }>(`/api/v1/runs/${encodeURIComponent(this.id)}/seconds?${query}`)
        const growing = new Growing(names)
        for (const s of got.seconds) growing.add(s)
        const same = this.growing?.names.join('\n') === names.join('\n')
        // What the stream brought while this was on its way is of the names before; it is brought anew when those have changed.
        if (same) for (const s of this.#meanwhile) growing.add(s)
        this.growing = growing
        this.#from = `${same ? Math.max(Number(got.next.split('.')[0]), Math.floor(growing.end)) : got.next.split('.')[0]}.${this.#payload?.runs[0]?.events.length ?? 0}`
        this.#make()
      } while (this.#refill && !this.#closed && this.#wanted.some((n) => !this.growing?.tracks.has(n)))
    })()
    try {
      await this.#filling
    } catch (e) {
      this.#failed(e)
    } finally {
      this.#filling = null
      this.#meanwhile = []
    }
    if (this.#live && this.#stream) this.#listen()
  }

  #listen(): void {
    this.#stream ??= new Stream((told) => this.#told(told))
    const rows = (this.run?.rows.length ?? 0) > LISTED ? this.#shown.slice(0, LISTED) : ['*']
    const base = new URL('.', document.baseURI).pathname.replace(/\/$/, '')
    this.#stream.want({ base, run: this.id, from: this.#from, names: [...(this.growing?.names ?? [])], rows })
  }

  #told(told: Told): void {
    if (this.#closed) return
    if (told.id) this.#from = told.id
    switch (told.kind) {
      case 'state':
        if (told.data === 'again') this.#listen() // this tab slept, and was taken for closed
        else this.linked = told.data === 'open'
        return
      case 'second':
        this.#second(JSON.parse(told.data) as Second)
        return
      case 'event':
        this.#event(JSON.parse(told.data) as { number: number; at_s: number; kind: string; text: string })
        return
      case 'figures':
        this.linked = true
        this.#later(told.data)
        return
      case 'end':
        void this.#end()
        return
    }
  }

  /** later shows figures in a moment: of several that came meanwhile the last ones count, so that a page that has no time never falls behind. */
  #later(text: string): void {
    const waits = this.#latest !== ''
    this.#latest = text
    if (waits) return
    setTimeout(() => {
      const [begun, latest] = [performance.now(), this.#latest]
      this.#latest = ''
      this.#shownAt = begun
      if (this.#closed || !this.#live) return
      this.#figures(JSON.parse(latest) as Figures)
      this.took = performance.now() - begun
    }, Math.max(0, this.#shownAt + SHOWN_EACH - performance.now()))
  }

  #second(s: Second): void {
    const g = this.growing
    if (this.#filling) this.#meanwhile.push(s)
    if (!g) return
    if (g.add(s) === 'gap' || g.buckets > MOST_BUCKETS) void this.#fill()
  }

  #event(e: { number: number; at_s: number; kind: string; text: string }): void {
    const events = this.#payload?.runs[0]?.events
    if (events && e.number >= events.length) events.push({ at_s: e.at_s, kind: e.kind, text: e.text })
  }

  #figures(f: Figures): void {
    this.figures = f
    const run = this.#payload?.runs[0]
    if (!run) return
    run.verdict = f.verdict
    run.thresholds = f.thresholds.map((t, i) => ({ ...run.thresholds[i], ...t, value: t.judged || t.provisional ? 0 : null }) as Threshold)
    run.counts = { ...run.counts, ...f.counts }
    run.warnings = f.warnings
    run.notices = f.notices
    run.run.duration_s = f.elapsed_s
    const total = run.judged.total
    run.judged.seconds = f.seconds
    run.judged.total = { ...f.total, curves: f.total.curves ?? total.curves }
    for (const row of f.rows) {
      const label = labelOf(row.type, row.name)
      const at = this.#rows.get(label)
      if (at !== undefined) run.judged.rows[at] = row
      else {
        this.#rows.set(label, run.judged.rows.length)
        run.judged.rows.push(row)
        if (this.#wanted.length < TRACKED) this.track([label])
      }
    }
    if (f.errors) run.judged.errors = f.errors
    if (f.names > run.judged.rows.length && this.#rows.size < f.names && run.judged.rows.length > LISTED) void this.#page().catch((e) => this.#failed(e))
    this.#make()
  }

  async #end(): Promise<void> {
    this.#live = false
    this.#stream?.close()
    this.#stream = null
    try {
      await this.#page()
      await this.#fill()
    } catch (e) {
      this.#failed(e)
    }
    if (this.figures) this.figures = { ...this.figures, state: 'done' }
    this.changed++
  }

  #make(): void {
    const payload = this.#payload?.runs[0]
    if (!payload) return
    this.run = new Run(payload, this.growing)
    this.changed++
  }
}

/** isGrave says that a mark is one that hurts. */
export const isGrave = (m: Mark): boolean => m.kind === 'threshold' || m.kind === 'worker' || m.kind === 'warning'
