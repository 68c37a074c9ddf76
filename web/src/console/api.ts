// Asking the server. Addresses are relative to the page, so that a reverse proxy may put a path before it.

/** Trouble is what the server refused, in its words, with the mistakes at their fields. */
export class Trouble extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly fields: { message: string; location?: string }[] = [],
  ) {
    super(message)
  }

  /** of is what is said of one setting; "" is what belongs to none. */
  of(key: string): string[] {
    return this.fields.filter((f) => (f.location ?? 'body') === (key === '' ? 'body' : `body.${key}`)).map((f) => f.message)
  }
}

export const base = (): string => new URL('.', document.baseURI).pathname.replace(/\/$/, '')

const WHO = 'stampede.who'

/** who is the name that changes are told under, as it was given in this browser. */
export function who(): string {
  try {
    return localStorage.getItem(WHO) ?? ''
  } catch {
    return ''
  }
}

export function setWho(name: string): void {
  try {
    localStorage.setItem(WHO, name.slice(0, 60))
  } catch {
    // A browser that keeps nothing: the name holds for nobody.
  }
}

async function send(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<Response> {
  const headers: Record<string, string> = {}
  if (body !== undefined) headers['Content-Type'] = 'application/json'
  if (method !== 'GET' && who() !== '') headers['X-Stampede-Who'] = encodeURIComponent(who()).replace(/%20/g, ' ')
  let resp: Response
  try {
    resp = await fetch(`${base()}${path}`, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }), ...(signal ? { signal } : {}) })
  } catch (e) {
    if (signal?.aborted) throw e
    throw new Trouble(0, 'stampede does not answer: it ended, or the network is gone.')
  }
  if (resp.ok) return resp
  let text = `The server answered ${resp.status}.`
  let fields: { message: string; location?: string }[] = []
  try {
    const p = (await resp.json()) as { detail?: string; title?: string; errors?: { message: string; location?: string }[] }
    text = p.detail || p.title || text
    fields = p.errors ?? []
  } catch {
    // An answer of something in between, a proxy: the number says enough.
  }
  throw new Trouble(resp.status, text, fields)
}

export async function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  return (await (await send('GET', path, undefined, signal)).json()) as T
}

export async function change<T>(method: 'POST' | 'PATCH' | 'DELETE', path: string, body?: unknown): Promise<T> {
  const resp = await send(method, path, body)
  return (resp.status === 204 ? undefined : await resp.json()) as T
}

export async function upload<T>(path: string, file: File): Promise<T> {
  const resp = await fetch(`${base()}${path}?name=${encodeURIComponent(file.name)}`, {
    method: 'POST', headers: { 'Content-Type': file.name.endsWith('.csv') ? 'text/csv' : 'application/octet-stream' }, body: file,
  })
  const answer = (await resp.json()) as T & { detail?: string }
  if (!resp.ok) throw new Trouble(resp.status, answer.detail ?? `The server answered ${resp.status}.`)
  return answer
}

export interface Status { state: string; run: string; edits: number }

export interface Setting { key: string; group: string; arg: string; default: string; help: string; list: boolean; value: string }

export interface TaskInfo { name: string; share: number; tags: string[]; tasks: TaskInfo[] }

export interface TypeInfo { name: string; weight: number; fixed: number; share: number; host: string; own_load: string; tags: string[]; tasks: TaskInfo[] }

export interface TestInfo {
  name: string; hash: string; host: string; version: string; can_start: boolean; has_book: boolean
  types: TypeInfo[]; settings: Setting[]; files: string[]; server_time: string
}

export interface LedgerRun {
  id: string; state: string; name: string; started: string; duration_s: number; host: string; model: string; changes: string; focus: string
  users: number; users_text: string; spawn_rate: number; rate_text: string; results: string; notes: string; links: string[]; tags: string[]
  outcome: string; verdict: string; thresholds: number; passed: number; requests: number; failures: number; rate: number; p50: number; p95: number; p99: number
  headline: string; plan_hash: string; git_commit: string; baseline: boolean; cost_usd: number; cost_basis: string
}

export interface Point {
  type?: string; name?: string; count: number; failures: number; dropped: number; timed: number; min: number; p50: number; p95: number; p99: number
  max: number; lag_p99: number; service_p50: number; service_p95: number; service_p99: number; bytes_in: number; bytes_out: number; heat?: number[]
}

export interface Second {
  from_s: number; width_s: number; lasted_s: number; total: Point; requests: Point[]
  gauges: { users: number; target: number; in_flight: number; planned: number; sent: number; dropped: number; waiting: number; cpu: number }
}
