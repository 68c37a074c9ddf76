// Where the reader is: behind the # of the address, so that the server knows one page.

/** pathOf is the path of an address; null where what stands behind the # is a place on this very page. */
export function pathOf(hash: string): string | null {
  return hash === '' || hash.startsWith('#/') ? hash.slice(2) : null
}

/** decoded is a part of a path in plain text; one that is no such text stays as it is. */
export function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

class Router {
  path = $state(pathOf(location.hash) ?? '')

  constructor() {
    addEventListener('hashchange', () => (this.path = pathOf(location.hash) ?? this.path))
  }

  get view(): string {
    return this.path.split('/')[0] || 'now'
  }

  get rest(): string[] {
    return this.path.split('/').slice(1).map(decoded)
  }

  go(...parts: string[]): void {
    location.hash = '/' + parts.map(encodeURIComponent).join('/')
  }
}

export const router = new Router()
