import { mount } from 'svelte'
import { open } from './lib/envelope'
import { theme } from './theme/theme.svelte'
import './theme/theme.css'
import Report from './views/Report.svelte'

// The page holds its data as text that no browser runs; here it becomes a report, or a sentence that says why not.
async function begin(): Promise<void> {
  theme.begin()
  const app = document.getElementById('app')!
  try {
    const payload = await open(document.getElementById('data')!.textContent ?? '')
    app.replaceChildren()
    mount(Report, { target: app, props: { payload } })
    document.documentElement.dataset['ready'] = 'true'
  } catch (e) {
    const p = document.createElement('p')
    p.className = 'plain'
    p.textContent = `The report cannot be shown. ${e instanceof Error ? e.message : String(e)}`
    app.replaceChildren(p)
    throw e
  }
}

void begin()
