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
  "verdict": "partly_told",
  "title": null,
  "canceled_at": null,
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
  ],
  "channels": [
    { "step": 0, "channel": "inbox", "became": "sent", "reason": "level_all", "deliveries": {}, "cause": null },
    { "step": 1, "channel": "email", "became": "not_sent", "reason": "no_consent", "deliveries": {}, "cause": null }
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
  "verdict": "not_told",
  "title": null,
  "canceled_at": null,
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
  ],
  "channels": [
    { "step": 0, "channel": "inbox", "became": "not_sent", "reason": "level_none", "deliveries": {}, "cause": null },
    { "step": 1, "channel": "email", "became": "not_sent", "reason": "level_none", "deliveries": {}, "cause": null }
  ]
}
