import { Hub, type Told, type Want } from './hub'

// Stream is a tab's end of the one stream of the browser.
export class Stream {
  #port: MessagePort | null = null
  #hub: Hub | null = null
  #want: Want | null = null
  #beat: ReturnType<typeof setInterval> | undefined

  constructor(private readonly tell: (told: Told) => void) {
    try {
      const worker = new SharedWorker(trusted(new URL('worker.js', document.baseURI).href) as string, { name: 'stampede' })
      this.#port = worker.port
      this.#port.onmessage = (m: MessageEvent<Told>) => {
        if (this.#want) this.tell(m.data)
      }
      this.#port.start()
      this.#beat = setInterval(this.#here, 8000)
      document.addEventListener('visibilitychange', this.#here) // it may have slept
      addEventListener('pagehide', this.#gone)
      addEventListener('pageshow', this.#here)
    } catch {
      this.#hub = new Hub() // no shared workers here: this tab has a stream of its own
    }
  }

  want(want: Want | null): void {
    this.#want = want
    if (this.#port) this.#port.postMessage({ want })
    else this.#hub?.want(this, want, this.tell)
  }

  /** here says that this tab is there; it is told to ask again where the worker has forgotten it. */
  readonly #here = () => {
    if (this.#want) this.#port?.postMessage({})
  }

  readonly #gone = () => this.#port?.postMessage({ want: null })

  close(): void {
    this.want(null)
    clearInterval(this.#beat)
    document.removeEventListener('visibilitychange', this.#here)
    removeEventListener('pagehide', this.#gone)
    removeEventListener('pageshow', this.#here)
    this.#port?.close()
  }
}

interface Policies { createPolicy(name: string, rules: { createScriptURL: (s: string) => string }): { createScriptURL(s: string): unknown } }

let policy: ReturnType<Policies['createPolicy']> | undefined

/** trusted is the address of our own worker for browsers that want to be told that it is one. */
function trusted(url: string): unknown {
  const types = (globalThis as { trustedTypes?: Policies }).trustedTypes
  if (!types) return url
  policy ??= types.createPolicy('stampede-worker', { createScriptURL: (s) => s })
  return policy.createScriptURL(url)
}
