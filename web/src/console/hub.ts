// One stream for a browser, however many tabs look: browsers open six connections to a server and let everything else wait, the stop button
// too. It runs in a worker that tabs share, or in the page where there is none.

export interface Want { base: string; run: string; from: string; names: string[]; rows: string[] }

/** Told is a message of the stream. That of kind state says open, lost, or again: what is wanted must be said anew. */
export interface Told { kind: 'second' | 'event' | 'figures' | 'end' | 'state'; id: string; data: string }

type Listener = (told: Told) => void

const AGAIN = 2000 // ms until a stream that the browser gave up is opened again

/** Hub keeps one stream that has all that those who listen want. */
export class Hub {
  #wants = new Map<object, { want: Want; tell: Listener }>()
  #source: EventSource | null = null
  #key = ''
  #last = ''
  #timer: ReturnType<typeof setTimeout> | undefined

  /** want says what somebody wants from now on; null means nothing any more. */
  want(who: object, want: Want | null, tell: Listener): void {
    if (want) this.#wants.set(who, { want, tell })
    else this.#wants.delete(who)
    this.#settle()
  }

  #settle(): void {
    const all = [...this.#wants.values()]
    const last = all.at(-1)?.want
    if (!last) return this.#close()
    const same = all.filter((a) => a.want.run === last.run).map((a) => a.want)
    const names = [...new Set(same.flatMap((w) => w.names))].sort()
    const rows = [...new Set(same.flatMap((w) => w.rows))].sort()
    const query = new URLSearchParams([...names.map((n) => ['names', n]), ...rows.map((n) => ['rows', n]), ['figures', '1'], ['errors', '1']])
    const key = `${last.base}/api/v1/runs/${encodeURIComponent(last.run)}/stream?${query}`
    if (key === this.#key && this.#source) return
    const from = this.#key.split('?')[0] === key.split('?')[0] && this.#last ? this.#last : last.from
    this.#close()
    this.#key = key
    this.#last = from
    this.#open()
  }

  #open(): void {
    const source = new EventSource(`${this.#key}&from=${encodeURIComponent(this.#last)}`)
    this.#source = source
    for (const kind of ['second', 'event', 'figures', 'end'] as const) {
      source.addEventListener(kind, (e) => {
        const m = e as MessageEvent<string>
        this.#last = m.lastEventId || this.#last
        this.#tell({ kind, id: m.lastEventId, data: m.data })
        if (kind === 'end') this.#close()
      })
    }
    source.onopen = () => this.#tell({ kind: 'state', id: '', data: 'open' })
    source.onerror = () => {
      this.#tell({ kind: 'state', id: '', data: 'lost' })
      if (source.readyState !== EventSource.CLOSED || this.#source !== source) return
      this.#source = null
      clearTimeout(this.#timer)
      this.#timer = setTimeout(() => { if (this.#wants.size > 0 && !this.#source) this.#open() }, AGAIN)
    }
  }

  #tell(told: Told): void {
    for (const a of this.#wants.values()) a.tell(told)
  }

  #close(): void {
    clearTimeout(this.#timer)
    this.#source?.close()
    this.#source = null
    this.#key = ''
  }
}
