import { Hub } from './hub'
import { Ports, type Said } from './ports'

// The worker that tabs share.

const ports = new Ports(new Hub())
const scope = self as unknown as { onconnect: (e: MessageEvent) => void }

scope.onconnect = (e) => {
  const port = e.ports[0]!
  port.onmessage = (m: MessageEvent<Said>) => ports.hear(port, m.data)
  port.start()
}

setInterval(() => ports.sweep(), 5000)
