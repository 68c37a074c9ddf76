import { Hub, type Want } from './hub'

// The worker that tabs share. A tab that is closed says so when it can; one that could not is found out by its silence.

const hub = new Hub()
const heard = new Map<MessagePort, number>()
const SILENT = 30_000

const scope = self as unknown as { onconnect: (e: MessageEvent) => void }

scope.onconnect = (e) => {
  const port = e.ports[0]!
  port.onmessage = (m: MessageEvent<{ want?: Want | null }>) => {
    heard.set(port, Date.now())
    if (m.data.want === undefined) return
    hub.want(port, m.data.want, (told) => port.postMessage(told))
    if (!m.data.want) heard.delete(port)
  }
  port.start()
}

setInterval(() => {
  for (const [port, at] of heard) {
    if (Date.now() - at < SILENT) continue
    heard.delete(port)
    hub.want(port, null, () => {})
  }
}, 5000)
