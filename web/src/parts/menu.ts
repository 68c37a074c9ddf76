/** menu lets a <details> behave as a menu: Escape closes it, and so does going elsewhere. */
export function menu(details: HTMLDetailsElement): () => void {
  const keys = (e: KeyboardEvent): void => {
    if (e.key !== 'Escape' || !details.open) return
    e.stopPropagation()
    details.open = false
    details.querySelector('summary')?.focus()
  }
  const left = (e: FocusEvent): void => {
    if (e.relatedTarget instanceof Node && !details.contains(e.relatedTarget)) details.open = false
  }
  const pressed = (e: PointerEvent): void => {
    if (e.target instanceof Node && !details.contains(e.target)) details.open = false
  }
  details.addEventListener('keydown', keys)
  details.addEventListener('focusout', left)
  document.addEventListener('pointerdown', pressed)
  return () => {
    details.removeEventListener('keydown', keys)
    details.removeEventListener('focusout', left)
    document.removeEventListener('pointerdown', pressed)
  }
}
