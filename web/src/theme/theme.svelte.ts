// Light, dark, or as the system wants. Paper is always light.

export type Choice = 'system' | 'light' | 'dark'

const KEY = 'stampede.theme'

class Theme {
  choice = $state<Choice>('system')
  /** changes counts how often colours have changed: what paints on a canvas reads it to paint again. */
  changes = $state(0)

  /** paper says that the page is being printed: canvases are drawn for the width of a sheet, for nothing can be drawn again in between. */
  paper = $state(false)

  #systemDark = matchMedia('(prefers-color-scheme: dark)')
  #print = matchMedia('print')
  #colors = new Map<string, string>()

  /** begin follows the system and the reader's choice from now on. */
  begin(): void {
    this.choice = stored()
    this.#systemDark.addEventListener('change', () => this.#apply())
    this.#print.addEventListener('change', () => this.#toPaper(this.#print.matches))
    addEventListener('beforeprint', () => this.#toPaper(true))
    addEventListener('afterprint', () => this.#toPaper(false))
    this.#apply()
  }

  choose(choice: Choice): void {
    this.choice = choice
    try {
      localStorage.setItem(KEY, choice)
    } catch {
      // A page opened from a mail may keep nothing: the choice holds until it is closed.
    }
    this.#apply()
  }

  /** color is the value of a token, such as "--c-rate", for a canvas. */
  color(token: string): string {
    let color = this.#colors.get(token)
    if (color === undefined) {
      color = getComputedStyle(document.documentElement).getPropertyValue(token).trim()
      this.#colors.set(token, color)
    }
    return color
  }

  #toPaper(paper: boolean): void {
    if (paper === this.paper) return
    this.paper = paper
    this.#unfold(paper)
    this.#apply()
  }

  /** unfold opens what the reader of a sheet cannot, and closes it again. */
  #unfold(paper: boolean): void {
    for (const d of document.querySelectorAll('details')) {
      if (paper && !d.open) d.dataset['folded'] = 'true'
      if (paper) d.open = true
      else if (d.dataset['folded']) {
        d.open = false
        delete d.dataset['folded']
      }
    }
  }

  #apply(): void {
    const dark = this.choice === 'system' ? this.#systemDark.matches : this.choice === 'dark'
    document.documentElement.dataset['theme'] = dark && !this.paper ? 'dark' : 'light'
    this.#colors.clear()
    this.changes++
  }
}

function stored(): Choice {
  try {
    const choice = localStorage.getItem(KEY)
    return choice === 'light' || choice === 'dark' ? choice : 'system'
  } catch {
    return 'system'
  }
}

export const theme = new Theme()
