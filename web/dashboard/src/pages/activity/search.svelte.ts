// A search that may look long before it finds: pages that fit nothing are short, not the end.
import type { Listed } from '../../lib/api'
import { CursorList } from '../../lib/loaded'
import type { Summary } from '../told'

/** How many pages in a row may be empty before the operator is asked whether to go on. */
const PATIENCE = 8
/** How many rows the server looks at a page. */
const LOOKED = 2000

type Fetched = (after: string | null, signal: AbortSignal) => Promise<Listed<Summary>>

export class Search extends CursorList<Summary> {
  /** Many pages in a row had nothing that fits; it goes on when asked. */
  tired = $state(false)
  looked = $state(0)

  constructor(page: Fetched) {
    super(async (after, signal) => {
      for (let turn = 1; ; turn += 1) {
        const found = await page(after, signal)
        if (found.data.length > 0 || !found.page_info.has_next) {
          this.looked = 0
          return found
        }
        this.looked += LOOKED
        if (turn === PATIENCE) {
          this.tired = true
          return found
        }
        after = found.page_info.end_cursor
      }
    })
  }

  override reset(): void {
    this.tired = false
    this.looked = 0
    super.reset()
  }

  /** The next page, unless it is tired. */
  onward(): void {
    if (!this.tired) void this.more()
  }

  /** Look on where it stopped. */
  further(): void {
    this.tired = false
    void this.more()
  }
}
