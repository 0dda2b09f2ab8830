import { html, type ReactiveController, type ReactiveControllerHost } from 'lit'
import { repeat } from 'lit/directives/repeat.js'
import type { Entry } from '../client/types.js'
import { icons } from './icons.js'
import { face, type ItemHost, titleLink, titleOf } from './item.js'
import { raise } from './place.js'

const MOST = 3
const SHOWN_MILLISECONDS = 7_000

type Host = ReactiveControllerHost & HTMLElement & ItemHost & { readonly renderRoot: ParentNode }

/** New items, shown for a while in a region that is read out politely; they stay while looked at. */
export class Toasts implements ReactiveController {
  entries: readonly Entry[] = []
  #timer: ReturnType<typeof setTimeout> | null = null

  constructor(private readonly host: Host) {
    host.addController(this)
  }

  hostDisconnected(): void {
    this.clear()
  }

  hostUpdated(): void {
    if (this.entries.length) raise(this.host.renderRoot.querySelector<HTMLElement>('.toasts'))
  }

  add(entry: Entry): void {
    this.entries = [...this.entries.filter((one) => one.id !== entry.id), entry].slice(-MOST)
    this.#later()
    this.host.requestUpdate()
  }

  /** Those that this keeps stay, as they are now. */
  keep(now: (entry: Entry) => boolean): void {
    const kept = this.entries.filter(now)
    if (kept.length === this.entries.length) return
    this.entries = kept
    this.host.requestUpdate()
  }

  clear(): void {
    if (this.#timer) clearTimeout(this.#timer)
    this.keep(() => false)
  }

  render(): unknown {
    return html`<div
      class="toasts"
      part="toasts"
      role="status"
      aria-live="polite"
      aria-atomic="false"
      popover="manual"
      @pointerenter=${this.#stay}
      @pointerleave=${this.#later}
      @focusin=${this.#stay}
      @focusout=${this.#later}
    >
      ${repeat(this.entries, (entry) => entry.id, (entry) => this.#toast(entry))}
    </div>`
  }

  #toast(entry: Entry): unknown {
    const { words } = this.host
    const title = titleOf(entry, words)
    return html`<div class="toast" part="toast">
      ${face(entry, words)}
      <div class="words">
        ${titleLink(entry, title, this.host)}
        ${entry.title && entry.body ? html`<p class="body" dir="auto">${entry.body}</p>` : ''}
      </div>
      <button class="icon" type="button" aria-label="${words.say('dismiss')}: ${title}"
        @click=${() => this.keep((one) => one.id !== entry.id)}>${icons.close}</button>
    </div>`
  }

  #stay = (): void => {
    if (this.#timer) clearTimeout(this.#timer)
    this.#timer = null
  }

  #later = (): void => {
    this.#stay()
    this.#timer = setTimeout(() => this.clear(), SHOWN_MILLISECONDS)
  }
}
