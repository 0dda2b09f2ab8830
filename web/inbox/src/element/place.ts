// Where panel and menu stand: beside what opened them, within the window. Set by CSSOM, which any
// content security policy allows.

const GAP = 8
const LEAST_ROOM = 280

interface Size {
  readonly width: number
  readonly height: number
}

export interface Spot {
  readonly left: number
  readonly top: number | null
  readonly bottom: number | null
  readonly room: number
}

/** A spot for a box of this width, below the anchor or above it, its end at the anchor's end. */
export function spotBeside(
  anchor: { left: number; right: number; top: number; bottom: number },
  width: number,
  view: Size,
  rtl: boolean,
  least = LEAST_ROOM,
): Spot {
  const wanted = rtl ? anchor.left : anchor.right - width
  const left = Math.max(GAP, Math.min(wanted, view.width - width - GAP))
  const below = view.height - anchor.bottom - 2 * GAP
  const above = anchor.top - 2 * GAP
  if (below >= least || below >= above)
    return { left, top: anchor.bottom + GAP, bottom: null, room: below }
  return { left, top: null, bottom: view.height - anchor.top + GAP, room: above }
}

/** Put a box beside its anchor. */
export function stand(box: HTMLElement, anchor: Element, rtl: boolean, least?: number): void {
  const view = { width: document.documentElement.clientWidth, height: innerHeight }
  const spot = spotBeside(anchor.getBoundingClientRect(), box.offsetWidth, view, rtl, least)
  box.style.left = `${spot.left}px`
  box.style.top = spot.top === null ? 'auto' : `${spot.top}px`
  box.style.bottom = spot.bottom === null ? 'auto' : `${spot.bottom}px`
  box.style.setProperty('--_room', `${spot.room}px`)
}

/** Above everything else of the page, where the browser has such a layer. */
export function raise(box: HTMLElement | null | undefined): void {
  if (box?.isConnected && box.showPopover && !box.matches(':popover-open')) box.showPopover()
}

export function lower(box: HTMLElement | null | undefined): void {
  if (box?.isConnected && box.hidePopover && box.matches(':popover-open')) box.hidePopover()
}
