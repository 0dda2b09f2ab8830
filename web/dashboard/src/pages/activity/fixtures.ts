// Answers of a server that played `clarion demo`.
import type { Summary } from '../told'

export const A_SUMMARY: Summary = {
  "id": "ntf_06h02pv5k9svb75e3df8v5nigo00000200000000003u0",
  "event_id": "evt_01a20167e5a279f59cae1b5e8f96f286",
  "type": "discount.published",
  "workflow": "discount-published",
  "user": "fan-1999",
  "tenant": null,
  "status": "sent",
  "until": null,
  "decided_at": "2026-11-22T03:58:36.204343Z",
  "correlation_id": null,
  "steps": [
    {
      "step": 0,
      "channel": "inbox",
      "result": "send",
      "reason": "level_all",
      "scope": null,
      "until": null
    },
    {
      "step": 1,
      "channel": "email",
      "result": "skip",
      "reason": "no_consent",
      "scope": null,
      "until": null
    }
  ]
}

export const A_SKIPPED: Summary = {
  "id": "ntf_06h02pv5k9svb75e3df8v5nigo00000200000000003u2",
  "event_id": "evt_01a20167e5a279f59cae1b5e8f96f286",
  "type": "discount.published",
  "workflow": "discount-published",
  "user": "fan-2000",
  "tenant": null,
  "status": "skipped",
  "until": null,
  "decided_at": "2026-11-22T03:58:36.204343Z",
  "correlation_id": null,
  "steps": [
    {
      "step": null,
      "channel": null,
      "result": "skip",
      "reason": "level_none",
      "scope": "category",
      "until": null
    }
  ]
}
