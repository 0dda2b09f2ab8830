// An answer of a server that played `clarion demo`.
import type { EventTold } from '../told'

export const AN_EVENT: EventTold = {
  "id": "evt_01a20167e5a279f59cae1b5e8f96f286",
  "type": "discount.published",
  "status": "complete",
  "accepted_at": "2026-11-22T03:58:35.938060Z",
  "expires_at": null,
  "canceled_at": null,
  "tenant": null,
  "actor": null,
  "about": null,
  "silent": false,
  "correlation_id": null,
  "cancellation_key": null,
  "ordering_key": null,
  "tags": {},
  "workflows": [
    "discount-published"
  ],
  "forms": {
    "discount-published": "written"
  },
  "lanes": [
    "bulk"
  ],
  "counts": {
    "recipients": 2017,
    "sent": 1891,
    "skipped": 126,
    "held": 0,
    "open": 0,
    "dead": 0,
    "undecided": 0
  },
  "deliveries": {
    "inbox": {
      "sent": 1891,
      "open": 0,
      "dead": 0
    },
    "email": {
      "sent": 129,
      "open": 0,
      "dead": 0
    }
  },
  "balanced": true,
  "put_aside": 0,
  "estimate": null,
  "paused_at": null,
  "data": {
    "offer_id": "spring",
    "percent": 20,
    "product": "oranges",
    "until": "Sunday",
    "code": "ORANGE20"
  }
}
