// Reads `text/event-stream` as the HTML standard says (section "server-sent events"), from a fetched
// body: unlike EventSource it sends the token in a header and leaves reconnecting to the client.

export interface SentEvent {
  readonly event: string
  readonly data: string
  /** The last id of the stream so far, as it holds after this event. */
  readonly id: string
}

/** Takes text in pieces of any size and gives back the events that are whole. */
export class SentEvents {
  retryMilliseconds: number | null = null
  #text = ''
  #begun = false
  #afterReturn = false
  #id = ''
  #event = ''
  #data: string[] = []

  /** Events that end within this piece. */
  push(piece: string): SentEvent[] {
    // The CR before was taken for a line's end; its LF is no second one.
    this.#text += this.#afterReturn && piece.startsWith('\n') ? piece.slice(1) : piece
    if (piece) this.#afterReturn = false
    if (!this.#begun && this.#text) {
      this.#begun = true
      if (this.#text.startsWith('\uFEFF')) this.#text = this.#text.slice(1)
    }
    const found: SentEvent[] = []
    for (let line = this.#line(); line !== null; line = this.#line()) {
      const event = line ? this.#field(line) : this.#dispatch()
      if (event) found.push(event)
    }
    return found
  }

  #line(): string | null {
    const end = this.#text.search(/[\r\n]/)
    if (end < 0) return null
    const line = this.#text.slice(0, end)
    const pair = this.#text.startsWith('\r\n', end)
    this.#afterReturn = !pair && this.#text[end] === '\r' && end + 1 === this.#text.length
    this.#text = this.#text.slice(end + (pair ? 2 : 1))
    return line
  }

  #field(line: string): null {
    const colon = line.indexOf(':')
    const name = colon < 0 ? line : line.slice(0, colon)
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '')
    if (name === 'data') this.#data.push(value)
    else if (name === 'event') this.#event = value
    else if (name === 'id' && !value.includes('\0')) this.#id = value
    else if (name === 'retry' && /^[0-9]+$/.test(value)) this.retryMilliseconds = Number(value)
    return null
  }

  #dispatch(): SentEvent | null {
    const event = this.#event || 'message'
    const data = this.#data
    this.#event = ''
    this.#data = []
    return data.length ? { event, data: data.join('\n'), id: this.#id } : null
  }
}
