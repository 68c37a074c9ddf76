// The tabs that share a worker. One that is closed says so when it can; one that could not is found out by its silence. A tab that slept for so long
// that it was taken for closed is told to ask again as soon as it is heard.

import type { Told, Want } from './hub'

/** SILENT is after how many ms without a word a tab counts as closed: browsers let a hidden tab speak once a minute. */
export const SILENT = 150_000

/** Said is what a tab says: what it wants from now on, null for nothing any more; without a want it only says that it is there. */
export interface Said { want?: Want | null }

export interface Port { postMessage(told: Told): void }

interface Streams { want(who: object, want: Want | null, tell: (told: Told) => void): void }

export class Ports {
  readonly #heard = new Map<Port, number>()

  constructor(private readonly streams: Streams, private readonly now: () => number = Date.now) {}

  /** hear takes what a tab says. */
  hear(port: Port, said: Said): void {
    if (said.want === null) {
      this.#heard.delete(port)
      this.streams.want(port, null, () => {})
      return
    }
    if (said.want === undefined && !this.#heard.has(port)) {
      port.postMessage({ kind: 'state', id: '', data: 'again' })
      return
    }
    this.#heard.set(port, this.now())
    if (said.want) this.streams.want(port, said.want, (told) => port.postMessage(told))
  }

  /** sweep forgets those that have been silent for too long. */
  sweep(): void {
    for (const [port, at] of this.#heard) {
      if (this.now() - at >= SILENT) this.hear(port, { want: null })
    }
  }
}
