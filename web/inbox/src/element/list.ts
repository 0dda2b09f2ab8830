import { html, nothing, type ReactiveController, type TemplateResult } from 'lit'
import { repeat } from 'lit/directives/repeat.js'
import type { Entry, Filter, InboxState } from '../client/types.js'
import type { ClarionInbox, FilterChoice } from './clarion-inbox.js'
import { icons } from './icons.js'
import { itemView } from './item.js'
import type { Messages } from './locales.js'
import { stepped } from './menu.js'

interface View {
  readonly name: keyof Messages
  readonly filter: Filter
  readonly empty: keyof Messages
}

/** The tabs, and what each shows. */
export const VIEWS: readonly View[] = [
  { name: 'all', filter: {}, empty: 'emptyAll' },
  { name: 'unread', filter: { status: 'unread' }, empty: 'emptyUnread' },
  { name: 'snoozed', filter: { snoozed: 'only' }, empty: 'emptySnoozed' },
  { name: 'archived', filter: { archived: 'only' }, empty: 'emptyArchived' },
]

/** Tabs, filter, and the items with their keys: one of them has the focus, arrows go on from it. */
export class List implements ReactiveController {
  #view = 0
  #narrowed: FilterChoice | null = null
  /** The item that Tab reaches, and where it was, for when it goes. */
  #current: string | null = null
  #at = 0
  #hadFocus = false
  #observer: IntersectionObserver | null = null

  constructor(private readonly host: ClarionInbox) {
    host.addController(this)
  }

  hostDisconnected(): void {
    this.#observer?.disconnect()
    this.#observer = null
  }

  hostUpdate(): void {
    const active = this.host.shadowRoot?.activeElement
    this.#hadFocus = !!active?.closest('.item')
  }

  hostUpdated(): void {
    const active = this.host.shadowRoot?.activeElement
    // The item that had the focus is gone: the one in its place takes it, or what is left.
    if (this.#hadFocus && !active) {
      const items = this.#items()
      const next = items[Math.min(this.#at, items.length - 1)]
      this.#current = next?.dataset['id'] ?? null
      ;(next ?? this.#query('#list'))?.focus()
    }
    this.#observe()
  }

  render(): TemplateResult {
    return html`${this.#bar()}
      <div
        class="scroll"
        part="list"
        id="list"
        role="tabpanel"
        aria-labelledby="tab-${this.#view}"
        tabindex=${this.host.state?.entries.length ? nothing : 0}
      >
        <div class="top" data-edge="top"></div>
        ${this.#body(this.host.state)}
      </div>`
  }

  #bar(): TemplateResult {
    const { words, filters, state } = this.host
    const unread = state?.meta.unread ?? 0
    return html`<div class="bar">
      <div class="tabs" part="tabs" role="tablist" aria-label=${words.say('views')}
        @keydown=${this.#tabKey}>
        ${VIEWS.map(
          (view, index) => html`<button
            class="tab"
            part="tab"
            role="tab"
            type="button"
            id="tab-${index}"
            aria-controls="list"
            aria-selected=${index === this.#view}
            tabindex=${index === this.#view ? 0 : -1}
            @click=${() => this.#show(index, this.#narrowed)}
          >
            ${words.say(view.name)}${view.name === 'unread' && unread
              ? html`<span class="count" part="count">${words.count(unread)}</span>`
              : nothing}
          </button>`,
        )}
      </div>
      ${filters.length
        ? html`<select part="filter" aria-label=${words.say('filter')} @change=${this.#narrow}>
            <option value="">${words.say('everything')}</option>
            ${filters.map(
              (one, index) => html`<option value=${index} ?selected=${one === this.#narrowed}>
                ${one.label}
              </option>`,
            )}
          </select>`
        : nothing}
    </div>`
  }

  #body(state: InboxState | null): unknown {
    const { words } = this.host
    if (state?.list === 'failed')
      return html`<div class="state" part="state" role="alert">
        ${icons.alert}<strong>${words.say('failed')}</strong>
        <button class="button" type="button" @click=${() => this.host.reload()}>
          ${words.say('retry')}
        </button>
      </div>`
    if (state?.connection === 'refused' && state.list !== 'ready') return nothing
    if (state?.list !== 'ready') return bones(words.say('loading'))
    return html`${state.above ? this.#above(state.above) : nothing}
    ${state.entries.length ? this.#feed(state) : this.#empty()}`
  }

  #feed(state: InboxState): TemplateResult {
    const { entries } = state
    const known = entries.findIndex((entry) => entry.id === this.#current)
    const current = known < 0 ? Math.min(this.#at, entries.length - 1) : known
    this.#at = current
    const size = state.hasMore ? -1 : entries.length
    const view = (entry: Entry, index: number) =>
      itemView(entry, this.host, {
        current: index === current,
        position: index + 1,
        size,
        menuOpen: this.host.menu.owner === entry.id,
      })
    const { words } = this.host
    return html`<div
        role="feed"
        part="feed"
        aria-label=${words.say('title')}
        aria-busy=${state.loadingMore}
        @keydown=${this.#key}
        @focusin=${this.#focused}
      >
        ${repeat(entries, (entry) => entry.id, view)}
      </div>
      ${state.hasMore
        ? html`<div class="more-row" data-edge="bottom">
            <button class="button" part="load-more" type="button" ?disabled=${state.loadingMore}
              @click=${() => this.host.inbox?.loadMore()}>
              ${words.say(state.loadingMore ? 'loading' : 'loadMore')}
            </button>
          </div>`
        : nothing}`
  }

  #above(count: number): TemplateResult {
    const { words } = this.host
    return html`<div class="above">
      <button class="pill" part="above" type="button" @click=${this.#showAbove}>
        ${icons.up}${words.say('above', { count: words.count(count) })}
      </button>
    </div>`
  }

  #empty(): TemplateResult {
    const { words } = this.host
    const view = VIEWS[this.#view]
    return html`<slot name="empty"
      ><div class="state" part="state">
        ${view?.name === 'archived' ? icons.archive : view?.name === 'snoozed' ? icons.clock : icons.bell}
        <strong>${words.say(view?.empty ?? 'emptyAll')}</strong>
        ${this.#view ? nothing : html`<span>${words.say('emptyAllHint')}</span>`}
      </div></slot
    >`
  }

  #show(view: number, narrowed: FilterChoice | null): void {
    this.#view = view
    this.#narrowed = narrowed
    this.#current = null
    this.#at = 0
    this.host.choose(view, narrowed)
    this.host.requestUpdate()
  }

  #narrow = (event: Event): void => {
    const chosen = (event.target as HTMLSelectElement).value
    this.#show(this.#view, chosen === '' ? null : (this.host.filters[Number(chosen)] ?? null))
  }

  #showAbove = (): void => {
    this.host.inbox?.hold(false)
    this.#current = null
    this.#at = 0
    this.host.requestUpdate()
    void this.host.updateComplete.then(() => {
      const list = this.#query('#list')
      if (list) list.scrollTop = 0
      this.#items()[0]?.focus()
    })
  }

  #tabKey = (event: KeyboardEvent): void => {
    const rtl = this.host.isRtl
    const ahead = rtl ? 'ArrowLeft' : 'ArrowRight'
    const back = rtl ? 'ArrowRight' : 'ArrowLeft'
    const key = { [ahead]: 'ArrowDown', [back]: 'ArrowUp' }[event.key] ?? event.key
    const to = event.key.startsWith('Arrow') && key === event.key ? null : stepped(key, this.#view, VIEWS.length)
    if (to === null) return
    event.preventDefault()
    this.#show(to, this.#narrowed)
    void this.host.updateComplete.then(() => this.#query(`#tab-${to}`)?.focus())
  }

  #focused = (event: FocusEvent): void => {
    const item = (event.target as Element).closest<HTMLElement>('.item')
    const id = item?.dataset['id'] ?? null
    if (!id || id === this.#current) return
    this.#current = id
    this.#at = this.#items().indexOf(item as HTMLElement)
    this.host.requestUpdate()
  }

  #key = (event: KeyboardEvent): void => {
    const items = this.#items()
    const item = (event.target as Element).closest<HTMLElement>('.item')
    const at = item ? items.indexOf(item) : -1
    if (!item || event.altKey || event.ctrlKey || event.metaKey) return
    const to = aim(event.key, at, items.length)
    if (to !== null) {
      if (to >= items.length - 1) void this.host.inbox?.loadMore()
      items[to]?.focus()
    } else if (event.target !== item || !this.#act(event, item)) return
    event.preventDefault()
  }

  /** Keys of an item that has the focus itself; true when it was one. */
  #act(event: KeyboardEvent, item: HTMLElement): boolean {
    const { inbox } = this.host
    const entry = inbox?.entry(item.dataset['id'] ?? '')
    if (!inbox || !entry) return false
    if (event.key === 'Enter' || event.key === ' ') {
      item.querySelector<HTMLElement>('.link')?.click()
    } else if (event.key === 'Delete') {
      void inbox.mark(entry.id, entry.archived_at ? 'unarchive' : 'archive')
    } else if (event.key === 'r') {
      void inbox.mark(entry.id, entry.read_at ? 'unread' : 'read')
    } else if (event.key === 'ContextMenu' || (event.key === 'F10' && event.shiftKey)) {
      item.querySelector<HTMLElement>('.icon')?.click()
    } else return false
    return true
  }

  /** Load more near the end; hold the list still while its top is out of sight. */
  #observe(): void {
    if (typeof IntersectionObserver === 'undefined') return
    if (!this.host.isShown) return this.hostDisconnected()
    this.#observer ??= new IntersectionObserver((changes) => {
      for (const { target, isIntersecting } of changes)
        if ((target as HTMLElement).dataset['edge'] === 'top') {
          if (this.host.isShown) this.host.inbox?.hold(!isIntersecting)
        } else if (isIntersecting) void this.host.inbox?.loadMore()
    })
    for (const edge of this.host.renderRoot.querySelectorAll('[data-edge]'))
      this.#observer.observe(edge)
  }

  #items(): HTMLElement[] {
    return [...this.host.renderRoot.querySelectorAll<HTMLElement>('.item')]
  }

  #query(selector: string): HTMLElement | null {
    return this.host.renderRoot.querySelector<HTMLElement>(selector)
  }
}

/** The index to which a key goes in the list, which has two ends; null for other keys. */
function aim(key: string, at: number, count: number): number | null {
  switch (key) {
    case 'ArrowDown':
    case 'PageDown':
      return Math.min(at + 1, count - 1)
    case 'ArrowUp':
    case 'PageUp':
      return Math.max(at - 1, 0)
    case 'Home':
      return 0
    case 'End':
      return count - 1
    default:
      return null
  }
}

function bones(loading: string): TemplateResult {
  return html`<div role="status" part="state">
    <span class="sr">${loading}</span>
    ${[1, 2, 3, 4].map(
      () => html`<div class="bone" aria-hidden="true"><i></i><div><i></i><i class="short"></i></div></div>`,
    )}
  </div>`
}
