/** Listeners by the name of what they listen to. One that throws does not keep others from hearing. */
export class Emitter<Events> {
  readonly #listeners = new Map<keyof Events, Set<(detail: never) => void>>()

  /** Listen; the answer stops it. */
  on<Name extends keyof Events>(name: Name, listener: (detail: Events[Name]) => void): () => void {
    const listeners = this.#listeners.get(name) ?? new Set()
    this.#listeners.set(name, listeners.add(listener))
    return () => listeners.delete(listener)
  }

  emit<Name extends keyof Events>(name: Name, detail: Events[Name]): void {
    for (const listener of [...(this.#listeners.get(name) ?? [])])
      try {
        listener(detail as never)
      } catch (reason) {
        queueMicrotask(() => {
          throw reason
        })
      }
  }
}
