import { html, nothing, type TemplateResult } from 'lit'
import type { Action, Entry } from '../client/types.js'
import { icons } from './icons.js'
import { safeLink, safePicture } from './links.js'
import type { Words } from './words.js'

const MOST_ACTIONS = 4
const MOST_FACES = 3

/** What an item asks of the component. */
export interface ItemHost {
  readonly words: Words
  readonly linkTarget: string
  openItem(entry: Entry, event: Event): void
  useAction(entry: Entry, action: Action, index: number, event: Event): void
  openMenu(entry: Entry, event: Event): void
}

export interface Standing {
  /** Is the one that Tab reaches. */
  readonly current: boolean
  readonly position: number
  readonly size: number
  readonly menuOpen: boolean
}

export function titleOf(entry: Entry, words: Words): string {
  return entry.title || entry.body || words.say('untitled')
}

/** An item of the list. All its words come as text, never as HTML. */
export function itemView(entry: Entry, host: ItemHost, standing: Standing): TemplateResult {
  const { words } = host
  const unread = !entry.read_at
  const [title, body] = [titleOf(entry, words), entry.title ? entry.body : null]
  return html`<article
    class="item ${unread ? 'unread' : ''}"
    part="item ${unread ? 'item-unread' : ''}"
    data-id=${entry.id}
    tabindex=${standing.current ? 0 : -1}
    aria-posinset=${standing.position}
    aria-setsize=${standing.size}
    aria-labelledby="title-${standing.position}"
    aria-describedby="about-${standing.position}"
  >
    ${face(entry, words)}
    <div class="words">
      ${titleLink(entry, title, host, standing)}
      ${body ? html`<p class="body" part="item-body" dir="auto">${body}</p>` : nothing}
      <p class="about" part="item-about" id="about-${standing.position}">
        ${unread ? html`<span class="sr">${words.say('unreadItem')}</span>` : nothing}
        ${actors(entry, words)} ${time(entry, words)}
      </p>
      ${actions(entry, host, standing.current)}
    </div>
    <button
      class="icon"
      part="item-menu"
      type="button"
      tabindex=${standing.current ? 0 : -1}
      aria-haspopup="menu"
      aria-expanded=${standing.menuOpen}
      aria-label=${words.say('itemOptions', { title })}
      @click=${(event: Event) => host.openMenu(entry, event)}
    >
      ${icons.more}
    </button>
  </article>`
}

/** The title of an item, by which it is opened: a link where it leads somewhere. */
export function titleLink(
  entry: Entry,
  title: string,
  host: ItemHost,
  standing?: Standing,
): TemplateResult {
  const link = safeLink(entry.url)
  const open = (event: Event) => host.openItem(entry, event)
  const id = standing ? `title-${standing.position}` : nothing
  // In the list the item itself takes the focus.
  const tab = standing ? -1 : nothing
  if (!link)
    return html`<button
      class="link" part="item-title" id=${id} tabindex=${tab} type="button" dir="auto"
      @click=${open}>${title}</button>`
  return html`<a
    class="link" part="item-title" id=${id} tabindex=${tab} dir="auto" href=${link}
    target=${host.linkTarget || nothing} rel="noopener noreferrer"
    @click=${open}>${title}</a>`
}

export function face(entry: Entry, words: Words): TemplateResult {
  const picture = safePicture(entry.image)
  const actor = entry.actors?.[0]
  if (picture)
    return html`<span class="face" part="item-image"
      ><img crossorigin="anonymous" referrerpolicy="no-referrer" src=${picture} alt=""
        loading="lazy" decoding="async"
    /></span>`
  return html`<span class="face" part="item-image" aria-hidden="true"
    >${actor ? words.initials(actor) : icons.bell}</span
  >`
}

function actors(entry: Entry, words: Words): TemplateResult | typeof nothing {
  const names = entry.actors ?? []
  if (names.length < 2) return nothing
  const more = (entry.total_actors ?? names.length) - Math.min(names.length, MOST_FACES)
  const shown = more > 0 ? [...names.slice(0, MOST_FACES), `+${words.count(more)}`] : [...names]
  return html`<span class="actors" part="item-actors" title=${words.list(names)} aria-hidden="true"
    >${shown.map((name) => html`<span>${/^\+/.test(name) ? name : words.initials(name)}</span>`)}</span
  >`
}

function time(entry: Entry, words: Words): TemplateResult {
  const until = entry.snoozed_until
  const at = entry.updated_at || entry.created_at
  if (until && Date.parse(until) > Date.now())
    return html`<time datetime=${until}
      >${words.say('until', { time: words.inFull(until) })}</time
    >`
  return html`<time datetime=${at} title=${words.inFull(at)}>${words.ago(at)}</time>`
}

function actions(
  entry: Entry,
  host: ItemHost,
  reachable: boolean,
): TemplateResult | typeof nothing {
  const shown = entry.actions.slice(0, MOST_ACTIONS).filter((action) => action.label)
  if (!shown.length) return nothing
  return html`<div class="actions" part="actions">
    ${shown.map((action) => {
      const index = entry.actions.indexOf(action)
      const primary = action.style ? action.style === 'primary' : index === 0
      const use = (event: Event) => host.useAction(entry, action, index, event)
      const [looks, tab] = [primary ? 'button primary' : 'button', reachable ? 0 : -1]
      const link = safeLink(action.url)
      const chosen = entry.chosen_action === index ? icons.check : nothing
      return link
        ? html`<a class=${looks} part="action" tabindex=${tab} href=${link} rel="noopener noreferrer"
            target=${host.linkTarget || nothing} @click=${use}>${chosen}${action.label}</a>`
        : html`<button class=${looks} part="action" tabindex=${tab} type="button"
            aria-pressed=${entry.chosen_action === index ? 'true' : nothing} @click=${use}
            >${chosen}${action.label}</button>`
    })}
  </div>`
}
