import { html, nothing, type ReactiveController, type ReactiveControllerHost } from 'lit'
import { lower, raise, stand } from './place.js'

export interface Choice {
  readonly label: string
  readonly run: () => void
}

type Host = ReactiveControllerHost & HTMLElement & { readonly renderRoot: ParentNode }

/** A menu of buttons beside the one that opened it; arrows, Home, End and Escape as is usual. */
export class Menu implements ReactiveController {
  /** What the open menu belongs to; null when none is open. */
  owner: string | null = null
  #choices: readonly (Choice | null)[] = []
  #anchor: HTMLElement | null = null
  #fresh = false
  /** Where the anchor was when the menu was put beside it, in pixels from the window's top. */
  #top = 0
  #unwatch = (): void => undefined

  constructor(
    private readonly host: Host,
    private readonly isRtl: () => boolean,
  ) {
    host.addController(this)
  }

  /** `null` among the choices is a line between them. The same owner again closes. */
  open(owner: string, label: string, anchor: HTMLElement, choices: readonly (Choice | null)[]): void {
    if (this.owner === owner) return this.close(true)
    this.#label = label
    this.owner = owner
    this.#anchor = anchor
    this.#choices = choices
    this.#fresh = true
    this.#watch()
    this.host.requestUpdate()
  }
  #label = ''

  close(backToAnchor: boolean): void {
    if (!this.owner) return
    this.owner = null
    this.#unwatch()
    lower(this.#box)
    if (backToAnchor) this.#anchor?.focus({ preventScroll: true })
    this.host.requestUpdate()
  }

  hostDisconnected(): void {
    this.#unwatch()
  }

  /** What its anchor scrolls away from closes: of the page, or of a list within the host. */
  #watch(): void {
    this.#unwatch()
    const over = new AbortController()
    const how = { signal: over.signal, passive: true, capture: true }
    const moved = (): void => {
      const top = this.#anchor?.getBoundingClientRect().top ?? 0
      if (!this.#fresh && Math.abs(top - this.#top) > 1) this.close(true)
    }
    addEventListener('scroll', moved, how)
    // A list that scrolls tells nobody outside of its shadow root.
    this.host.renderRoot.addEventListener('scroll', moved, how)
    this.#unwatch = () => over.abort()
  }

  hostUpdated(): void {
    const box = this.#box
    if (!this.owner || !box || !this.#anchor) return
    raise(box)
    stand(box, this.#anchor, this.isRtl(), 220)
    this.#top = this.#anchor.getBoundingClientRect().top
    if (this.#fresh) this.#buttons()[0]?.focus()
    this.#fresh = false
  }

  render(): unknown {
    if (!this.owner) return nothing
    return html`<div
      class="menu"
      part="menu"
      role="menu"
      popover="manual"
      aria-label=${this.#label}
      @keydown=${this.#key}
    >
      ${this.#choices.map((choice) =>
        choice
          ? html`<button type="button" role="menuitem" tabindex="-1" part="menu-item"
              @click=${() => this.#run(choice)}>${choice.label}</button>`
          : html`<hr role="separator" />`,
      )}
    </div>`
  }

  get #box(): HTMLElement | null {
    return this.host.renderRoot.querySelector<HTMLElement>('.menu')
  }

  #buttons(): HTMLElement[] {
    return [...(this.#box?.querySelectorAll<HTMLElement>('button') ?? [])]
  }

  #run(choice: Choice): void {
    this.close(true)
    choice.run()
  }

  #key = (event: KeyboardEvent): void => {
    const buttons = this.#buttons()
    const at = buttons.indexOf(event.target as HTMLElement)
    const to = stepped(event.key, at, buttons.length)
    if (to !== null) buttons[to]?.focus()
    else if (event.key === 'Escape') this.close(true)
    else if (event.key === 'Tab') return this.close(true)
    else return
    event.preventDefault()
    event.stopPropagation()
  }
}

/** The index to which an arrow, Home or End goes, round at the ends; null for other keys. */
export function stepped(key: string, at: number, count: number): number | null {
  switch (key) {
    case 'ArrowDown':
      return (at + 1) % count
    case 'ArrowUp':
      return (at - 1 + count) % count
    case 'Home':
      return 0
    case 'End':
      return count - 1
    default:
      return null
  }
}
