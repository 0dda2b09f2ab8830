import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit'
import { InboxClient } from '../client/inbox.js'
import type { Action, Entry, Filter, InboxState, Meta } from '../client/types.js'
import { icons } from './icons.js'
import { type ItemHost, titleOf } from './item.js'
import { safeLink } from './links.js'
import { List, VIEWS } from './list.js'
import { knownLocale, type Messages } from './locales.js'
import { Menu } from './menu.js'
import { lower, raise, stand } from './place.js'
import { tokenFrom } from './token.js'
import { styles } from './styles.js'
import { type Snooze, snoozeUntil } from './times.js'
import { Toasts } from './toasts.js'
import { Words } from './words.js'

/** A choice of the filter: its label, and what it narrows the list to. */
export interface FilterChoice {
  readonly label: string
  readonly category?: string
  readonly workflow?: string
}

const SEEN_MILLISECONDS = 600
const MINUTE = 60_000
const SNOOZES: readonly [Snooze, keyof Messages][] = [
  ['hour', 'snoozeHour'],
  ['tomorrow', 'snoozeTomorrow'],
  ['week', 'snoozeWeek'],
]

/** Of Clarion when the module comes from there: `https://host/static/clarion-inbox.js`. */
const SERVED_BY = /^(https?:.*)\/static\/clarion-inbox\.js/.exec(import.meta.url)?.[1] ?? ''

/**
 * `<clarion-inbox>`: a bell with a badge, and the inbox of one user behind it; with `mode="page"`
 * the inbox alone, as part of the page.
 */
export class ClarionInbox extends LitElement implements ItemHost {
  static override styles = styles
  static override properties = {
    url: {},
    tokenUrl: { attribute: 'token-url' },
    token: { attribute: false },
    client: { attribute: false },
    mode: { reflect: true },
    open: { type: Boolean, reflect: true },
    theme: { reflect: true },
    locale: {},
    messages: { attribute: false },
    filters: { type: Array },
    badge: {},
    toasts: {},
    preferencesUrl: { attribute: 'preferences-url' },
    linkTarget: { attribute: 'link-target' },
    pageSize: { type: Number, attribute: 'page-size' },
    presence: { type: Boolean },
  }

  declare url: string
  declare tokenUrl: string
  declare token: (() => string | Promise<string>) | null
  declare client: InboxClient | null
  declare mode: 'popover' | 'page'
  declare open: boolean
  declare theme: 'auto' | 'light' | 'dark' | 'page'
  declare locale: string
  declare messages: Partial<Messages>
  declare filters: readonly FilterChoice[]
  declare badge: 'unseen' | 'unread' | 'off'
  declare toasts: 'on' | 'off'
  declare preferencesUrl: string
  declare linkTarget: string
  declare pageSize: number
  declare presence: boolean

  words = new Words('en')
  readonly menu = new Menu(this, () => this.isRtl)
  readonly list = new List(this)
  readonly #toasts = new Toasts(this)
  #own: InboxClient | null = null
  #heard: InboxClient | null = null
  #state: InboxState | null = null
  #stops: (() => void)[] = []
  #said = ''
  #seenTimer: ReturnType<typeof setTimeout> | null = null
  #seenPlace = 0
  #failed = false
  #hinted = false

  constructor() {
    super()
    this.url = SERVED_BY
    this.tokenUrl = ''
    this.token = null
    this.client = null
    this.mode = 'popover'
    this.open = false
    this.theme = 'auto'
    this.locale = ''
    this.messages = {}
    this.filters = []
    this.badge = 'unseen'
    this.toasts = 'on'
    this.preferencesUrl = ''
    this.linkTarget = ''
    this.pageSize = 25
    this.presence = false
  }

  /** The client in use: the page's own, or the one that was made of the attributes. */
  get inbox(): InboxClient | null {
    return this.client ?? this.#own
  }

  get state(): InboxState | null {
    return this.#state
  }

  get isRtl(): boolean {
    return getComputedStyle(this.#panel ?? this).direction === 'rtl'
  }

  get isShown(): boolean {
    return this.mode === 'page' || this.open
  }

  show(): void {
    this.open = true
  }

  hide(): void {
    this.open = false
  }

  toggle(): void {
    this.open = !this.open
  }

  /** Ask for the list again. */
  reload(): Promise<void> {
    return this.inbox?.load() ?? Promise.resolve()
  }

  /** Tell screen readers. */
  announce(text: string): void {
    this.#said = text
    this.requestUpdate()
  }

  override connectedCallback(): void {
    super.connectedCallback()
    const leave = new AbortController()
    const { signal } = leave
    document.addEventListener('pointerdown', this.#outside, { signal, capture: true })
    document.addEventListener('visibilitychange', () => this.#seenSoon(), { signal })
    addEventListener('resize', () => this.#stand(), { signal })
    addEventListener('scroll', () => this.#stand(), { signal, passive: true, capture: true })
    const minute = setInterval(() => this.isShown && this.requestUpdate(), MINUTE)
    this.#stops = [() => leave.abort(), () => clearInterval(minute)]
    // Also again, after it was moved to another place of the page.
    if (this.hasUpdated) this.#begin()
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    for (const stop of this.#stops) stop()
    if (this.#seenTimer) clearTimeout(this.#seenTimer)
    this.#end()
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (!this.hasUpdated || changed.has('locale') || changed.has('messages')) {
      const near = this.closest('[lang]')?.getAttribute('lang') || navigator.language
      this.words = new Words(knownLocale(this.locale || near), this.messages)
    }
    const makes = ['client', 'url', 'token', 'tokenUrl', 'pageSize', 'presence'] as const
    if (makes.some((name) => changed.has(name))) this.#begin()
  }

  protected override updated(changed: PropertyValues<this>): void {
    if (changed.has('open') && (this.open || changed.get('open'))) this.#opened()
    if (changed.has('mode') && this.mode === 'page') this.#load()
    this.#stand()
  }

  #begin(): void {
    this.#end()
    const token = tokenFrom(this.token, this.tokenUrl)
    if (!this.client && token) {
      const { pageSize, presence } = this
      this.#own = new InboxClient({ url: this.url || location.origin, token, pageSize, presence })
    }
    const inbox = (this.#heard = this.inbox)
    if (!inbox) return
    const stops = [
      inbox.subscribe((state) => this.#changed(state)),
      inbox.on('new', (entry) => this.#arrived(entry)),
      inbox.on('error', (detail) => {
        this.#failed = detail.mark !== undefined && detail.mark !== 'seen-all'
        if (this.#failed) this.announce(this.words.say('markFailed'))
        if (detail.error.code === 'network') this.#hint()
        this.#tell('clarion-error', detail)
      }),
    ]
    this.#unsubscribe = () => stops.forEach((stop) => stop())
    this.#own?.start()
    if (this.isShown) this.#load()
  }
  #unsubscribe = (): void => undefined

  #end(): void {
    this.#unsubscribe()
    this.#own?.stop()
    this.#own = this.#heard = this.#state = null
    this.#seenPlace = 0
    this.#toasts.clear()
  }

  #changed(state: InboxState): void {
    const [was, is] = [this.#state?.meta, state.meta]
    this.#state = state
    if (state.counted && (was?.unseen !== is.unseen || was.unread !== is.unread))
      this.#tell<Meta>('clarion-counts', is)
    // What was seen or read elsewhere need not be told here.
    this.#toasts.keep((entry) => !this.#heard?.entry(entry.id)?.seen_at)
    this.#seenSoon()
    this.requestUpdate()
  }

  #arrived(entry: Entry): void {
    const wanted = this.#tell('clarion-new', { entry }, true)
    if (!entry.alert || !wanted || document.visibilityState !== 'visible') return
    if (this.isShown) this.announce(this.words.say('fresh', { title: titleOf(entry, this.words) }))
    else if (this.toasts !== 'off') this.#toasts.add(entry)
  }

  #load(): void {
    if (this.#heard?.state.list === 'no' || this.#heard?.state.list === 'failed')
      void this.#heard.load()
  }

  #opened(): void {
    if (this.mode === 'page') return
    const { open } = this
    if (open) {
      raise(this.#panel)
      this.#stand()
      this.#panel?.focus()
      this.#toasts.clear()
      this.#load()
      this.#seenSoon()
    } else {
      this.menu.close(false)
      this.#heard?.hold(false)
      this.#failed = false
      lower(this.#panel)
      if (this.#within(document)) this.#bell?.focus()
    }
    this.#tell(open ? 'clarion-open' : 'clarion-close', null)
  }

  /** Mark as seen what is in front of the user: once it has stayed there for a moment. */
  #seenSoon(): void {
    const newest = this.#unseen()
    if (!newest || this.#seenTimer) return
    this.#seenTimer = setTimeout(() => {
      this.#seenTimer = null
      const shown = this.#unseen()
      if (!shown) return
      this.#seenPlace = shown.place
      void this.#heard?.markAll('seen', shown)
    }, SEEN_MILLISECONDS)
  }

  /** The newest item shown, when one of those shown was not seen. */
  #unseen(): Entry | undefined {
    const state = this.#state
    if (!this.isShown || state?.list !== 'ready' || document.visibilityState !== 'visible')
      return undefined
    if (state.filter.archived === 'only' || state.filter.snoozed === 'only') return undefined
    const newest = state.entries[0]
    const unseen = state.entries.some((entry) => !entry.seen_at && entry.place > this.#seenPlace)
    return unseen ? newest : undefined
  }

  openItem(entry: Entry, event: Event): void {
    if (!entry.read_at) void this.#heard?.mark(entry.id, 'read')
    if (!this.#tell('clarion-item', { entry, event }, true)) event.preventDefault()
    this.#toasts.keep((one) => one.id !== entry.id)
    const { ctrlKey, metaKey, shiftKey } = event as MouseEvent
    if (safeLink(entry.url) && !this.linkTarget && !ctrlKey && !metaKey && !shiftKey) this.hide()
  }

  useAction(entry: Entry, action: Action, index: number, event: Event): void {
    void this.#heard?.act(entry.id, index)
    if (!this.#tell('clarion-action', { entry, action, index, event }, true)) event.preventDefault()
  }

  openMenu(entry: Entry, event: Event): void {
    const { words } = this
    const inbox = this.#heard
    const choice = (name: keyof Messages, run: () => unknown) => ({
      label: words.say(name),
      run: () => void run(),
    })
    const marks = (mark: 'read' | 'unread' | 'archive' | 'unarchive', name: keyof Messages) =>
      choice(name, () => inbox?.mark(entry.id, mark))
    const snoozed = this.#state?.filter.snoozed === 'only'
    const first = entry.read_at ? marks('unread', 'markUnread') : marks('read', 'markRead')
    const snoozes = SNOOZES.map(([snooze, name]) =>
      choice(name, () => inbox?.snooze(entry.id, snoozeUntil(snooze, new Date()))),
    )
    const choices = snoozed
      ? [choice('unsnooze', () => inbox?.unsnooze(entry.id))]
      : entry.archived_at
        ? [first, marks('unarchive', 'unarchive')]
        : [first, marks('archive', 'archive'), null, ...snoozes]
    const label = words.say('itemOptions', { title: titleOf(entry, words) })
    this.menu.open(entry.id, label, event.currentTarget as HTMLElement, choices)
  }

  protected override render(): TemplateResult {
    const { words, mode } = this
    const page = mode === 'page'
    return html`
      ${page ? nothing : this.#bellView()}
      <div
        id="panel"
        class="panel ${page ? 'page' : ''} ${this.isShown ? 'open' : ''}"
        part="panel"
        role=${page ? 'region' : 'dialog'}
        aria-label=${words.say('title')}
        lang=${words.locale}
        dir=${this.dir || words.direction}
        tabindex="-1"
        popover=${page ? nothing : 'manual'}
        @keydown=${this.#key}
        @focusout=${this.#left}
      >
        ${this.isShown ? this.#panelView() : nothing}
      </div>
      <div class="layer" dir=${this.dir || words.direction} lang=${words.locale}>
        ${this.menu.render()} ${this.#toasts.render()}
        <div class="sr" role="status">${this.#said}</div>
      </div>
    `
  }

  #bellView(): TemplateResult {
    const { words } = this
    const meta = this.#state?.meta
    const count = this.badge === 'unread' ? meta?.unread : this.badge === 'off' ? 0 : meta?.unseen
    const shown = count ? words.count(count) : ''
    return html`<button
      class="bell"
      part="bell"
      type="button"
      lang=${words.locale}
      aria-haspopup="dialog"
      aria-expanded=${this.open}
      aria-controls="panel"
      aria-label=${shown ? words.say('bell', { count: shown }) : words.say('title')}
      @click=${this.toggle}
    >
      <slot name="bell">${icons.bell}</slot>
      ${shown ? html`<span class="badge" part="badge" aria-hidden="true">${shown}</span>` : nothing}
    </button>`
  }

  #panelView(): TemplateResult {
    const { words } = this
    const state = this.#state
    const unread = state?.meta.unread ?? 0
    const link = this.preferencesUrl
    return html`
      <div class="header" part="header">
        <h2 part="title">${words.say('title')}</h2>
        <slot name="header"></slot>
        ${this.#iconButton('markAllRead', icons.allRead, () => this.#markAll('read'), !unread)}
        ${link
          ? html`<a class="icon" part="preferences" href=${link} title=${words.say('preferences')}
              aria-label=${words.say('preferences')}>${icons.gear}</a>`
          : nothing}
        ${this.#iconButton('options', icons.more, this.#options, false, true)}
        ${this.mode === 'page'
          ? nothing
          : html`<span class="narrow"
              >${this.#iconButton('close', icons.close, () => this.hide())}</span
            >`}
      </div>
      ${this.#banner()} ${this.list.render()}
      <slot name="footer"></slot>
    `
  }

  #iconButton(
    name: keyof Messages,
    icon: unknown,
    run: (event: Event) => void,
    disabled = false,
    menu = false,
  ): TemplateResult {
    const label = this.words.say(name)
    return html`<button
      class="icon"
      part="button"
      type="button"
      title=${label}
      aria-label=${label}
      aria-disabled=${disabled ? 'true' : nothing}
      aria-haspopup=${menu ? 'menu' : nothing}
      aria-expanded=${menu ? this.menu.owner === name : nothing}
      @click=${(event: Event) => !disabled && run(event)}
    >
      ${icon}
    </button>`
  }

  #banner(): TemplateResult | typeof nothing {
    const { words } = this
    const connection = this.#state?.connection
    const text =
      connection === 'offline'
        ? words.say('offline')
        : connection === 'unreachable'
          ? words.say('unreachable')
          : connection === 'refused'
            ? words.say('refused')
            : this.#failed
              ? words.say('markFailed')
              : ''
    if (!text) return nothing
    const gone = connection === 'offline' || connection === 'unreachable'
    const icon = gone ? icons.offline : icons.alert
    return html`<p class="banner" part="banner">${icon}<span>${text}</span></p>`
  }

  #options = (event: Event): void => {
    const { words } = this
    this.menu.open('options', words.say('options'), event.currentTarget as HTMLElement, [
      { label: words.say('markAllRead'), run: () => this.#markAll('read') },
      { label: words.say('archiveAll'), run: () => this.#markAll('archive') },
    ])
  }

  #markAll(mark: 'read' | 'archive'): void {
    this.#failed = false
    void this.#heard?.markAll(mark)
  }

  /** Show one of the views, keeping what the filter narrows it to; or the other way round. */
  choose(view: number, narrowed: FilterChoice | null): void {
    const { category, workflow } = narrowed ?? {}
    const filter: Filter = {
      ...VIEWS[view]?.filter,
      ...(category && { category }),
      ...(workflow && { workflow }),
    }
    this.menu.close(false)
    void this.#heard?.setFilter(filter)
  }

  #key = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape' || this.mode === 'page' || event.defaultPrevented) return
    event.preventDefault()
    event.stopPropagation()
    this.#bell?.focus()
    this.hide()
  }

  #outside = (event: Event): void => {
    const path = event.composedPath()
    if (this.menu.owner && !path.some((node) => (node as Element).classList?.contains('menu')))
      if (!path.some((node) => (node as Element).getAttribute?.('aria-haspopup') === 'menu'))
        this.menu.close(false)
    if (this.open && this.mode === 'popover' && !path.includes(this)) this.hide()
  }

  /** Tab left the panel for something else of the page. */
  #left = (event: FocusEvent): void => {
    const to = event.relatedTarget as Node | null
    if (this.open && this.mode === 'popover' && to && to !== this && !this.contains(to))
      if (!this.renderRoot.contains(to)) this.hide()
  }

  #stand(): void {
    const [panel, bell] = [this.#panel, this.#bell]
    if (this.open && this.mode === 'popover' && panel && bell) stand(panel, bell, this.isRtl)
  }

  get #panel(): HTMLElement | null {
    return this.renderRoot?.querySelector<HTMLElement>('#panel') ?? null
  }

  get #bell(): HTMLElement | null {
    return this.renderRoot?.querySelector<HTMLElement>('.bell') ?? null
  }

  #within(root: Document): boolean {
    const active = (root.activeElement === this && this.shadowRoot?.activeElement) || null
    return !!active && !!this.#panel?.contains(active)
  }

  /**
   * A browser tells the page nothing of why another site's answer is kept from it. Where that site
   * never answered, this says what is missing most often.
   */
  #hint(): void {
    const origin = this.#own && new URL(this.url || location.origin, location.href).origin
    if (this.#hinted || this.#state?.counted || !origin || origin === location.origin) return
    this.#hinted = true
    console.warn(
      `<clarion-inbox>: ${origin} did not answer this page. If Clarion runs there, name ` +
        `"${location.origin}" in its setting inbox_origins (CLARION_INBOX_ORIGINS).`,
    )
  }

  #tell<Detail>(name: string, detail: Detail, cancelable = false): boolean {
    return this.dispatchEvent(
      new CustomEvent(name, { detail, bubbles: true, composed: true, cancelable }),
    )
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'clarion-inbox': ClarionInbox
  }
}
