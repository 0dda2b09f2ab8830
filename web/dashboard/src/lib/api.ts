// The public API, as any program would use it.
import type { QueryInput } from './match'
import { keyInUse, signOut } from './session'

/** Problem details (RFC 9457), as Clarion tells them. */
export interface Problem {
  type?: string
  title?: string
  status?: number
  detail?: string
  code?: string
  errors?: { pointer?: string; parameter?: string; detail: string }[]
  request_id?: string
}

/** What the API refused, or why it could not be asked (`status` 0). */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly title: string,
    readonly detail: string,
    readonly problem: Problem | null = null,
  ) {
    super(detail ? `${title}: ${detail}` : title)
    this.name = 'ApiError'
  }
}

export interface Options {
  signal?: AbortSignal | undefined
  headers?: Record<string, string>
  /** Another key than that of the session. */
  key?: string
  /** Of bodies that are text: their media type. */
  type?: string
}

/** One page of a list. */
export interface Listed<T> {
  data: T[]
  page_info: { has_next: boolean; end_cursor: string | null }
}

export const api = {
  get: <T>(path: string, query: QueryInput = {}, options: Options = {}): Promise<T> =>
    send<T>('GET', path + search(query), undefined, options),
  post: <T>(path: string, body?: unknown, options: Options = {}): Promise<T> =>
    send<T>('POST', path, body, options),
  put: <T>(path: string, body?: unknown, options: Options = {}): Promise<T> =>
    send<T>('PUT', path, body, options),
  patch: <T>(path: string, body?: unknown, options: Options = {}): Promise<T> =>
    send<T>('PATCH', path, body, options),
  delete: <T>(path: string, body?: unknown, options: Options = {}): Promise<T> =>
    send<T>('DELETE', path, body, options),
}

/** Was this only because somebody went on to something else? */
export function aborted(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'AbortError'
}

async function send<T>(
  method: string,
  address: string,
  body: unknown,
  options: Options,
): Promise<T> {
  const answer = await asked(method, address, body, options)
  if (!answer.ok) throw await refusal(answer, options)
  if (answer.status === 204) return undefined as T
  const text = await answer.text()
  if (!text) return undefined as T
  const json = (answer.headers.get('content-type') ?? '').includes('json')
  return (json ? JSON.parse(text) : text) as T
}

async function asked(
  method: string,
  address: string,
  body: unknown,
  options: Options,
): Promise<Response> {
  const headers: Record<string, string> = { accept: 'application/json', ...options.headers }
  const key = options.key ?? keyInUse()
  if (key !== null) headers['authorization'] = `Bearer ${key}`
  const request: RequestInit = { method, headers, cache: 'no-store', credentials: 'omit' }
  if (options.signal) request.signal = options.signal
  if (body !== undefined) {
    headers['content-type'] = options.type ?? 'application/json'
    request.body = options.type ? String(body) : JSON.stringify(body)
  }
  try {
    return await fetch(address, request)
  } catch (error) {
    if (aborted(error)) throw error
    throw new ApiError(
      0,
      'The server does not answer',
      'It may be starting or stopped, or the network is down. Nothing was changed by this page.',
    )
  }
}

async function refusal(answer: Response, options: Options): Promise<ApiError> {
  const problem = await readProblem(answer)
  const title = problem?.title ?? `The server answered ${answer.status}`
  const detail = problem?.detail ?? answer.statusText
  if (answer.status === 401 && options.key === undefined) {
    signOut(detail || 'The key is no longer valid.')
  }
  return new ApiError(answer.status, title, detail, problem)
}

async function readProblem(answer: Response): Promise<Problem | null> {
  try {
    return (await answer.json()) as Problem
  } catch {
    return null
  }
}

function search(query: QueryInput): string {
  const found = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    if (value !== null && value !== undefined && value !== '') found.set(name, String(value))
  }
  const text = found.toString()
  return text ? `?${text}` : ''
}
