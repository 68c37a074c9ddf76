// Where the reader is: behind the # of the address, so that the server knows one page.

class Router {
  path = $state(location.hash.replace(/^#\/?/, ''))

  constructor() {
    addEventListener('hashchange', () => (this.path = location.hash.replace(/^#\/?/, '')))
  }

  get view(): string {
    return this.path.split('/')[0] || 'now'
  }

  get rest(): string[] {
    return this.path.split('/').slice(1).map(decodeURIComponent)
  }

  go(...parts: string[]): void {
    location.hash = '/' + parts.map(encodeURIComponent).join('/')
  }
}

export const router = new Router()
