// What an editor has in hand: what is live, the drafts, and what was typed since.
import { api, ApiError } from '../../lib/api'
import { part } from '../../lib/match'
import type { Document, Workflow } from '../workflows/model'
import { filesOf, placesOf, type Place, type Sources } from './words'

export interface Problem {
  pointer: string
  detail: string
}

interface DraftTold {
  edition: number
  based_on: number
  live: number
  updated_at: string
  problems: Problem[]
}

interface WorkflowDraft extends DraftTold {
  document: Document
}

interface TemplateDraft extends DraftTold {
  source: string
}

interface TemplateTold {
  name: string
  version: number
  source: string
}

/** One workflow with all its words, as it is live and as it is to be. */
export class Editing {
  live = $state.raw<Workflow | null>(null)
  liveSources = $state.raw<Sources>({})
  document = $state.raw<Document>({})
  sources = $state.raw<Sources>({})
  draft = $state.raw<WorkflowDraft | null>(null)
  drafts = $state.raw<Record<string, TemplateDraft>>({})
  problems = $state.raw<Problem[]>([])
  /** As it was saved or loaded last. */
  #kept = $state.raw<{ document: Document; sources: Sources }>({ document: {}, sources: {} })

  constructor(readonly key: string) {}

  readonly places = $derived.by<Place[]>(() => placesOf(this.document, this.sources))
  readonly livePlaces = $derived.by<Place[]>(() =>
    this.live === null ? [] : placesOf(this.live.document, this.liveSources),
  )
  readonly files = $derived.by<string[]>(() => filesOf(this.places, this.sources))
  /** Something was typed that is not saved. */
  readonly unsaved = $derived.by(
    () =>
      !same(this.document, this.#kept.document) ||
      Object.keys(this.sources).some((name) => this.sources[name] !== this.#kept.sources[name]),
  )
  readonly changedFiles = $derived.by<string[]>(() =>
    Object.keys(this.sources).filter((name) => this.sources[name] !== this.liveSources[name]),
  )
  /** Something differs from what is live. */
  readonly changed = $derived.by(
    () => this.changedFiles.length > 0 || !same(this.document, this.live?.document ?? {}),
  )
  readonly drafted = $derived.by(() => this.draft !== null || Object.keys(this.drafts).length > 0)
  /** Versions that somebody published since the drafts were begun. */
  readonly overtaken = $derived.by<string[]>(() => {
    const found = this.draft !== null && this.draft.live !== this.draft.based_on ? [this.key] : []
    const files = Object.entries(this.drafts).filter(([, draft]) => draft.live !== draft.based_on)
    return [...found, ...files.map(([name]) => name)]
  })

  async load(signal?: AbortSignal): Promise<void> {
    const [live, names, listed] = await Promise.all([
      api.get<Workflow>(`/v1/workflows/${part(this.key)}`, {}, { signal }),
      api.get<{ data: { name: string }[] }>('/v1/templates', {}, { signal }),
      api.get<{ data: { kind: string; name: string }[] }>('/v1/drafts', {}, { signal }),
    ])
    const files = await Promise.all(
      names.data.map(({ name }) =>
        api.get<TemplateTold>(`/v1/templates/${part(name)}`, {}, { signal }),
      ),
    )
    const liveSources = Object.fromEntries(files.map((file) => [file.name, file.source]))
    const drafts: Record<string, TemplateDraft> = {}
    for (const row of listed.data.filter((one) => one.kind === 'template')) {
      drafts[row.name] = await api.get<TemplateDraft>(`/v1/templates/${part(row.name)}/draft`, {}, { signal })
    }
    const draft = listed.data.some((row) => row.kind === 'workflow' && row.name === this.key)
      ? await api.get<WorkflowDraft>(`/v1/workflows/${part(this.key)}/draft`, {}, { signal })
      : null
    const document = draft?.document ?? live.document
    const all: Sources = { ...liveSources }
    for (const [name, one] of Object.entries(drafts)) all[name] = one.source
    // Drafts of files that this workflow has nothing to do with are somebody else's matter.
    const mine = new Set([
      ...filesOf(placesOf(document, all), all),
      ...filesOf(placesOf(live.document, liveSources), liveSources),
    ])
    const sources: Sources = {}
    for (const [name, source] of Object.entries(all)) {
      sources[name] = mine.has(name) ? source : (liveSources[name] ?? source)
    }
    this.live = live
    this.liveSources = liveSources
    this.draft = draft
    this.drafts = Object.fromEntries(Object.entries(drafts).filter(([name]) => mine.has(name)))
    this.document = document
    this.sources = sources
    this.#kept = { document, sources }
    this.problems = draft?.problems ?? []
  }

  /** Keep what was typed as drafts. `over`: whatever somebody else saved meanwhile. */
  async save(over = false): Promise<void> {
    const differs = !same(this.document, this.live?.document ?? {})
    if (this.draft !== null || differs) {
      this.draft = await api.put<WorkflowDraft>(
        `/v1/workflows/${part(this.key)}/draft`,
        { document: this.document },
        matching(this.draft?.edition ?? 0, over),
      )
      this.problems = this.draft.problems
    }
    for (const name of new Set([...this.changedFiles, ...Object.keys(this.drafts)])) {
      const source = this.sources[name] ?? ''
      const there = this.drafts[name]
      if (there?.source === source && !over) continue
      const saved = await api.put<TemplateDraft>(
        `/v1/templates/${part(name)}/draft`,
        { source },
        matching(there?.edition ?? 0, over),
      )
      this.drafts = { ...this.drafts, [name]: saved }
    }
    this.#kept = { document: this.document, sources: this.sources }
  }

  /** Say that the drafts hold what was published meanwhile, too. */
  async catchUp(): Promise<void> {
    if (this.draft !== null && this.draft.live !== this.draft.based_on) {
      this.draft = await api.put<WorkflowDraft>(
        `/v1/workflows/${part(this.key)}/draft`,
        { document: this.document, based_on: this.draft.live },
        matching(this.draft.edition, false),
      )
    }
    for (const [name, draft] of Object.entries(this.drafts)) {
      if (draft.live === draft.based_on) continue
      const saved = await api.put<TemplateDraft>(
        `/v1/templates/${part(name)}/draft`,
        { source: this.sources[name] ?? '', based_on: draft.live },
        matching(draft.edition, false),
      )
      this.drafts = { ...this.drafts, [name]: saved }
    }
  }

  /** Let the drafts go live, all together; what was typed is saved first. */
  async publish(): Promise<{ version: number; workflows: string[] }> {
    await this.save()
    const files = Object.keys(this.drafts)
    if (this.draft === null && files.length === 1) {
      const [name = ''] = files
      const published = await api.post<{ version: number; workflows: string[] }>(
        `/v1/templates/${part(name)}/publish`,
        undefined,
        matching(this.drafts[name]?.edition ?? 0, false),
      )
      await this.load()
      return published
    }
    if (this.draft === null) {
      // Several files go live together by way of the workflow that uses them.
      this.draft = await api.put<WorkflowDraft>(
        `/v1/workflows/${part(this.key)}/draft`,
        { document: this.document },
        matching(0, false),
      )
    }
    const published = await api.post<{ version: number; workflows: string[] }>(
      `/v1/workflows/${part(this.key)}/publish`,
      { templates: files },
      matching(this.draft.edition, false),
    )
    await this.load()
    return published
  }

  /** Forget the drafts and what was typed. */
  async discard(): Promise<void> {
    if (this.draft !== null) await gone(`/v1/workflows/${part(this.key)}/draft`)
    for (const name of Object.keys(this.drafts)) await gone(`/v1/templates/${part(name)}/draft`)
    await this.load()
  }
}

/** Was it refused because somebody else was faster? */
export function overtook(error: unknown): boolean {
  return error instanceof ApiError && error.status === 409
}

async function gone(path: string): Promise<void> {
  try {
    await api.delete(path)
  } catch (error) {
    if (!(error instanceof ApiError && error.status === 404)) throw error
  }
}

function matching(edition: number, over: boolean): { headers?: Record<string, string> } {
  return over ? {} : { headers: { 'if-match': `"${edition}"` } }
}

function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}
