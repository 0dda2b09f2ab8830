// The newest events with what became of them; what is over is read once.
import { api, type Listed } from '../../lib/api'
import type { EventTold, Looked, Told } from './story'

const EVENTS = 60
const PAGE = 200
const AT_ONCE = 6
const OTHERS = ['skipped', 'held'] as const

export class Stories {
  looked = $state.raw<Looked[]>([])
  more = $state(false)
  #over = new Map<string, Looked>()

  /** Read what is new, and what was not over yet. */
  async refresh(signal: AbortSignal): Promise<void> {
    const page = await api.get<Listed<{ id: string }>>('/v1/events', { limit: EVENTS }, { signal })
    const found: Looked[] = []
    const wanted = page.data.map((row) => row.id)
    for (let start = 0; start < wanted.length; start += AT_ONCE) {
      const some = wanted.slice(start, start + AT_ONCE)
      found.push(...(await Promise.all(some.map((id) => this.#look(id, signal)))))
      // The first look is long: show what is there already.
      if (this.looked.length < found.length) this.looked = [...found]
    }
    this.looked = found
    this.more = page.page_info.has_next
  }

  async #look(id: string, signal: AbortSignal): Promise<Looked> {
    const known = this.#over.get(id)
    if (known !== undefined) return known
    const event = await api.get<EventTold>(`/v1/events/${id}`, {}, { signal })
    const first = await notifications(id, {}, signal)
    let told = first.data
    const whole = !first.page_info.has_next
    if (!whole) {
      // A large audience: what is rare must not be lost behind those who were told.
      const rare: string[] = OTHERS.filter((name) => event.counts[name] > 0)
      if (Object.values(event.deliveries).some((numbers) => numbers.dead > 0)) rare.push('given_up')
      for (const status of rare) {
        const found = await notifications(id, { status }, signal)
        const ids = new Set(found.data.map((one) => one.id))
        told = [...told.filter((one) => !ids.has(one.id)), ...found.data]
      }
    }
    const looked = { event, told, whole }
    if (event.status === 'complete' || event.status === 'canceled') this.#over.set(id, looked)
    return looked
  }
}

function notifications(
  event: string,
  filter: Record<string, string>,
  signal: AbortSignal,
): Promise<Listed<Told>> {
  return api.get<Listed<Told>>('/v1/notifications', { event, limit: PAGE, ...filter }, { signal })
}
