// Answers of a server that played `clarion demo`; of the traces only some lines are kept.
import type { Story } from '../told'

export const HELD: Story = {
  "id": "ntf_06h02puuj9ru75ps5n5um472i80000080000000000012",
  "event_id": "evt_01a20167de9a77e3973c2dcbeb10e292",
  "event_type": "parcel.arriving",
  "user": "alma",
  "workflow": "parcel-arriving",
  "status": "held",
  "correlation_id": null,
  "tags": {},
  "verdict": "waiting",
  "because": "alma has nothing set against it, so the inbox item was sent. It was within the quiet hours that alma set, so the push was held until 07:00 on 22 November (America/La_Paz).",
  "channels": [
    {
      "workflow": "parcel-arriving",
      "step": 0,
      "channel": "inbox",
      "result": "send",
      "reason": "level_all",
      "gate": "end",
      "scope": null,
      "decided_at": "2026-11-22T03:58:34.138324Z",
      "n": 0,
      "text": "alma has nothing set against it, so the inbox item was sent.",
      "deliveries": [],
      "trace": [
        {
          "gate": "level",
          "verdict": "pass",
          "detail": "the level is all"
        },
        {
          "gate": "end",
          "verdict": "pass",
          "detail": "the level is all"
        }
      ]
    },
    {
      "workflow": "parcel-arriving",
      "step": 1,
      "channel": "push",
      "result": "hold",
      "reason": "quiet_hours",
      "gate": "quiet",
      "scope": "user",
      "decided_at": "2026-11-22T03:58:34.138324Z",
      "n": 0,
      "text": "It was within the quiet hours that alma set, so the push was held until 07:00 on 22 November (America/La_Paz).",
      "until": "2026-11-22T11:00:00.000000Z",
      "until_local": "07:00 on 22 November (America/La_Paz)",
      "deliveries": [],
      "trace": [
        {
          "gate": "level",
          "verdict": "pass",
          "detail": "the level is all"
        },
        {
          "gate": "quiet",
          "verdict": "hold",
          "detail": "the user's quiet hours",
          "scope": "user",
          "until": "2026-11-22T11:00:00.000000Z"
        }
      ]
    }
  ],
  "waits": [
    {
      "workflow": "parcel-arriving",
      "step": 1,
      "channels": [
        "push"
      ],
      "due": "2026-11-22T11:00:29.651533Z",
      "next": "alma will be told by push after 07:00 on Sunday (America/La_Paz)."
    }
  ],
  "facts": {
    "now": "2026-11-22T03:58:34.138324Z",
    "expires_at": null,
    "silent": false,
    "mention": null,
    "duplicate": false,
    "destinations": {
      "push": 1,
      "email": 1
    },
    "conditions": {},
    "paused": false,
    "cancelled": false
  },
  "deliveries": [],
  "decided_at": "2026-11-22T03:58:34.138324Z",
  "decision_kept": true,
  "versions": {
    "user": 1,
    "preferences": 1,
    "defaults": 0,
    "decider": 2,
    "workflows": {
      "parcel-arriving": 1
    },
    "same_answer_today": true
  },
  "timeline": [
    {
      "at": "2026-11-22T03:58:34.138324Z",
      "what": "accepted",
      "text": "The event parcel.arriving was accepted.",
      "type": "parcel.arriving"
    },
    {
      "at": "2026-11-22T03:58:34.138324Z",
      "what": "decided",
      "text": "alma has nothing set against it, so the inbox item was sent. It was within the quiet hours that alma set, so the push was held until 07:00 on 22 November (America/La_Paz).",
      "workflow": "parcel-arriving",
      "n": 0,
      "steps": [
        {
          "step": 0,
          "result": "send",
          "reason": "level_all"
        },
        {
          "step": 1,
          "result": "hold",
          "reason": "quiet_hours"
        }
      ]
    },
    {
      "at": "2026-11-22T03:58:34.138324Z",
      "what": "held",
      "text": "The push had to wait until 07:00 on 22 November (America/La_Paz).",
      "workflow": "parcel-arriving",
      "n": 0,
      "step": 1,
      "until": "2026-11-22T11:00:00.000000Z"
    },
    {
      "at": "2026-11-22T03:58:34.138324Z",
      "what": "in the inbox",
      "text": "It was put into the inbox.",
      "workflow": "parcel-arriving",
      "channel": "inbox",
      "step": 0
    },
    {
      "at": "2026-11-22T11:00:29.651533Z",
      "what": "next",
      "text": "alma will be told by push after 07:00 on Sunday (America/La_Paz).",
      "future": true,
      "workflow": "parcel-arriving",
      "step": 1
    },
    {
      "at": "2026-11-23T03:58:34.138324Z",
      "what": "expired",
      "text": "The event parcel.arriving expires: what still waits then is not sent any more.",
      "future": true
    }
  ],
  "content": [
    {
      "step": 0,
      "locale": "",
      "certain": true,
      "wanted": null,
      "fields": {
        "title": "A parcel from the bookshop is on its way",
        "url": "/parcels/q-31"
      }
    }
  ]
}

export const DIGESTED: Story = {
  "id": "ntf_06h02pumb5t4p34k45sqageuic000009000000000000m",
  "event_id": "evt_01a20167d6597a4c8c942179a541de93",
  "event_type": "post.liked",
  "user": "mia",
  "workflow": "post-liked",
  "status": "sent",
  "correlation_id": null,
  "tags": {},
  "verdict": "told",
  "because": "The workflow post-liked gathers several such events into one message, so the inbox item and the push were kept for the next digest. It was told together with 19 others at 03:58:34 on 22 November (UTC). mia has nothing set against it, so the inbox item was sent, and the push was to be sent. The push was only kept here and went to nobody (captured).",
  "channels": [
    {
      "workflow": "post-liked",
      "step": 0,
      "channel": null,
      "wait": "digest",
      "over": false,
      "result": "digest",
      "reason": "digested",
      "gate": "digest",
      "scope": null,
      "decided_at": "2026-11-22T03:58:32.025994Z",
      "n": 0,
      "text": "The workflow post-liked gathers several such events into one message, so the inbox item and the push were kept for the next digest, due at 03:58:34 on 22 November (UTC).",
      "until": "2026-11-22T03:58:34.025994Z",
      "until_local": "03:58:34 on 22 November (UTC)",
      "digest": {
        "id": "evt_01a20167d644808d9819b7bb49d8c776",
        "key": "p-5",
        "count": 20,
        "opened_at": "2026-11-22T03:58:32.004420Z",
        "closed_at": "2026-11-22T03:58:34.006448Z",
        "told_by": "ntf_06h02pum8i08r60pmutkjm67eo000009000000000000m"
      },
      "deliveries": [],
      "trace": [
        {
          "gate": "level",
          "verdict": "pass",
          "detail": "the level is all"
        },
        {
          "gate": "digest",
          "verdict": "digest",
          "detail": "gathered, to be told with others",
          "until": "2026-11-22T03:58:34.025994Z"
        }
      ]
    }
  ],
  "waits": [],
  "facts": {
    "now": "2026-11-22T03:58:32.025994Z",
    "expires_at": null,
    "silent": false,
    "mention": null,
    "duplicate": false,
    "destinations": {
      "push": 1,
      "email": 1
    },
    "conditions": {},
    "paused": false,
    "cancelled": false
  },
  "deliveries": [
    {
      "digest": "evt_01a20167d644808d9819b7bb49d8c776",
      "told_together_with": 19,
      "id": "dlv_06h02pum8i08r60pmutkjm67eo000009000000000000m002080000000000fq0",
      "step": 2,
      "channel": "push",
      "status": "sent",
      "account": "capture",
      "attempts": 1,
      "outcome": "accepted",
      "code": "captured",
      "detail": null,
      "provider_id": "dlv_06h02pum8i08r60pmutkjm67eo000009000000000000m002080000000000fq0",
      "created_at": "2026-11-22T03:58:34.006448Z",
      "updated_at": "2026-11-22T03:58:34.032634Z",
      "next_try_at": null
    }
  ],
  "decided_at": "2026-11-22T03:58:32.025994Z",
  "decision_kept": true,
  "versions": {
    "user": 1,
    "preferences": 1,
    "defaults": 0,
    "decider": 2,
    "workflows": {
      "post-liked": 1
    },
    "same_answer_today": true
  },
  "timeline": [
    {
      "at": "2026-11-22T03:58:32.025994Z",
      "what": "accepted",
      "text": "The event post.liked was accepted.",
      "type": "post.liked"
    },
    {
      "at": "2026-11-22T03:58:32.025994Z",
      "what": "decided",
      "text": "The workflow post-liked gathers several such events into one message, so the inbox item and the push were kept for the next digest, due at 03:58:34 on 22 November (UTC).",
      "workflow": "post-liked",
      "n": 0,
      "steps": [
        {
          "step": 0,
          "result": "digest",
          "reason": "digested"
        }
      ]
    },
    {
      "at": "2026-11-22T03:58:32.025994Z",
      "what": "joined digest",
      "text": "It was put with others into a digest, to be told as one message.",
      "workflow": "post-liked",
      "step": 0,
      "digest": "evt_01a20167d644808d9819b7bb49d8c776"
    },
    {
      "at": "2026-11-22T03:58:34.006448Z",
      "what": "digest closed",
      "text": "The digest was closed with 20 events: it tells of this one together with 19 others.",
      "workflow": "post-liked",
      "step": 0,
      "digest": "evt_01a20167d644808d9819b7bb49d8c776"
    },
    {
      "at": "2026-11-22T03:58:34.006448Z",
      "what": "decided",
      "text": "mia has nothing set against it, so the inbox item was sent, and the push was to be sent.",
      "workflow": "post-liked",
      "digest": "evt_01a20167d644808d9819b7bb49d8c776",
      "n": 0,
      "steps": [
        {
          "step": 1,
          "result": "send",
          "reason": "level_all"
        },
        {
          "step": 2,
          "result": "send",
          "reason": "level_all"
        }
      ]
    },
    {
      "at": "2026-11-22T03:58:34.006448Z",
      "what": "in the inbox",
      "text": "It was put into the inbox.",
      "workflow": "post-liked",
      "digest": "evt_01a20167d644808d9819b7bb49d8c776",
      "channel": "inbox",
      "step": 1
    },
    {
      "at": "2026-11-22T03:58:34.006448Z",
      "what": "queued",
      "text": "The push was queued for capture.",
      "workflow": "post-liked",
      "digest": "evt_01a20167d644808d9819b7bb49d8c776",
      "delivery": "dlv_06h02pum8i08r60pmutkjm67eo000009000000000000m002080000000000fq0",
      "channel": "push"
    },
    {
      "at": "2026-11-22T03:58:34.032634Z",
      "what": "sent",
      "text": "The push was only kept here and went to nobody.",
      "workflow": "post-liked",
      "digest": "evt_01a20167d644808d9819b7bb49d8c776",
      "delivery": "dlv_06h02pum8i08r60pmutkjm67eo000009000000000000m002080000000000fq0",
      "channel": "push",
      "attempts": 1,
      "outcome": "accepted",
      "provider_id": "dlv_06h02pum8i08r60pmutkjm67eo000009000000000000m002080000000000fq0",
      "ms": 0
    },
    {
      "at": "2026-11-24T03:58:32.025994Z",
      "what": "expired",
      "text": "The event post.liked expires: what still waits then is not sent any more.",
      "future": true
    }
  ],
  "content": []
}

export const SENT: Story = {
  "id": "ntf_06h02pv5atqkjbi4b9lu2j9cek000003000000000000m",
  "event_id": "evt_01a20167e5577549ae445a6be14d2c75",
  "event_type": "login.new",
  "user": "mia",
  "workflow": "login-new",
  "status": "sent",
  "correlation_id": null,
  "tags": {},
  "verdict": "told",
  "because": "The category security is mandatory, so the inbox item was sent, and the e-mail was to be sent. The e-mail was only kept here and went to nobody (captured).",
  "channels": [
    {
      "workflow": "login-new",
      "step": 0,
      "channel": "inbox",
      "result": "send",
      "reason": "mandatory",
      "gate": "end",
      "scope": null,
      "decided_at": "2026-11-22T03:58:35.863708Z",
      "n": 0,
      "text": "The category security is mandatory, so the inbox item was sent.",
      "deliveries": [],
      "trace": [
        {
          "gate": "actor",
          "verdict": "off",
          "detail": "not asked: the category is mandatory, so settings do not apply"
        },
        {
          "gate": "muted_actor",
          "verdict": "off",
          "detail": "not asked: the category is mandatory, so settings do not apply"
        },
        {
          "gate": "mute",
          "verdict": "off",
          "detail": "not asked: the category is mandatory, so settings do not apply"
        },
        {
          "gate": "level",
          "verdict": "off",
          "detail": "not asked: the category is mandatory, so settings do not apply"
        },
        {
          "gate": "silent",
          "verdict": "off",
          "detail": "not asked: the category is mandatory, so settings do not apply"
        },
        {
          "gate": "channel",
          "verdict": "off",
          "detail": "not asked: the category is mandatory, so settings do not apply"
        },
        {
          "gate": "end",
          "verdict": "pass",
          "detail": "the category is mandatory, so settings do not apply"
        }
      ]
    },
    {
      "workflow": "login-new",
      "step": 1,
      "channel": "email",
      "result": "send",
      "reason": "mandatory",
      "gate": "end",
      "scope": null,
      "decided_at": "2026-11-22T03:58:35.863708Z",
      "n": 0,
      "text": "The category security is mandatory, so the e-mail was to be sent.",
      "deliveries": [
        {
          "id": "dlv_06h02pv5atqkjbi4b9lu2j9cek000003000000000000m0010c000000000002o",
          "status": "sent"
        }
      ],
      "trace": [
        {
          "gate": "actor",
          "verdict": "off",
          "detail": "not asked: the category is mandatory, so settings do not apply"
        },
        {
          "gate": "muted_actor",
          "verdict": "off",
          "detail": "not asked: the category is mandatory, so settings do not apply"
        },
        {
          "gate": "mute",
          "verdict": "off",
          "detail": "not asked: the category is mandatory, so settings do not apply"
        },
        {
          "gate": "level",
          "verdict": "off",
          "detail": "not asked: the category is mandatory, so settings do not apply"
        },
        {
          "gate": "silent",
          "verdict": "off",
          "detail": "not asked: the category is mandatory, so settings do not apply"
        },
        {
          "gate": "channel",
          "verdict": "off",
          "detail": "not asked: the category is mandatory, so settings do not apply"
        },
        {
          "gate": "quiet",
          "verdict": "off",
          "detail": "not asked: the category does not heed quiet hours"
        },
        {
          "gate": "end",
          "verdict": "pass",
          "detail": "the category is mandatory, so settings do not apply"
        }
      ]
    }
  ],
  "waits": [],
  "facts": {
    "now": "2026-11-22T03:58:35.863708Z",
    "expires_at": null,
    "silent": false,
    "mention": null,
    "duplicate": false,
    "destinations": {
      "push": 1,
      "email": 1
    },
    "conditions": {},
    "paused": false,
    "cancelled": false
  },
  "deliveries": [
    {
      "id": "dlv_06h02pv5atqkjbi4b9lu2j9cek000003000000000000m0010c000000000002o",
      "step": 1,
      "channel": "email",
      "status": "sent",
      "account": "capture",
      "attempts": 1,
      "outcome": "accepted",
      "code": "captured",
      "detail": null,
      "provider_id": "dlv_06h02pv5atqkjbi4b9lu2j9cek000003000000000000m0010c000000000002o",
      "created_at": "2026-11-22T03:58:35.863708Z",
      "updated_at": "2026-11-22T03:58:35.885226Z",
      "next_try_at": null
    }
  ],
  "decided_at": "2026-11-22T03:58:35.863708Z",
  "decision_kept": true,
  "versions": {
    "user": 1,
    "preferences": 1,
    "defaults": 0,
    "decider": 2,
    "workflows": {
      "login-new": 1
    },
    "same_answer_today": true
  },
  "timeline": [
    {
      "at": "2026-11-22T03:58:35.863708Z",
      "what": "accepted",
      "text": "The event login.new was accepted.",
      "type": "login.new"
    },
    {
      "at": "2026-11-22T03:58:35.863708Z",
      "what": "decided",
      "text": "The category security is mandatory, so the inbox item was sent, and the e-mail was to be sent.",
      "workflow": "login-new",
      "n": 0,
      "steps": [
        {
          "step": 0,
          "result": "send",
          "reason": "mandatory"
        },
        {
          "step": 1,
          "result": "send",
          "reason": "mandatory"
        }
      ]
    },
    {
      "at": "2026-11-22T03:58:35.863708Z",
      "what": "in the inbox",
      "text": "It was put into the inbox.",
      "workflow": "login-new",
      "channel": "inbox",
      "step": 0
    },
    {
      "at": "2026-11-22T03:58:35.863708Z",
      "what": "queued",
      "text": "The e-mail was queued for capture.",
      "workflow": "login-new",
      "delivery": "dlv_06h02pv5atqkjbi4b9lu2j9cek000003000000000000m0010c000000000002o",
      "channel": "email"
    },
    {
      "at": "2026-11-22T03:58:35.885226Z",
      "what": "sent",
      "text": "The e-mail was only kept here and went to nobody.",
      "workflow": "login-new",
      "delivery": "dlv_06h02pv5atqkjbi4b9lu2j9cek000003000000000000m0010c000000000002o",
      "channel": "email",
      "attempts": 1,
      "outcome": "accepted",
      "provider_id": "dlv_06h02pv5atqkjbi4b9lu2j9cek000003000000000000m0010c000000000002o",
      "ms": 0
    }
  ],
  "content": [
    {
      "step": 0,
      "locale": "",
      "certain": true,
      "wanted": null,
      "fields": {
        "title": "New sign-in from Firefox on Linux",
        "body": "Lisbon, today, 14:02. Not you? End this session and change your password.",
        "url": "/account/sessions/s-77"
      }
    },
    {
      "step": 1,
      "locale": "",
      "certain": true,
      "wanted": null,
      "fields": {
        "subject": "New sign-in to your account from Firefox on Linux",
        "html": "<h1>New sign-in</h1>",
        "text": "Somebody signed in to your account from a device we have not seen before.\nFirefox on Linux\nLisbon\ntoday, 14:02\nWas it you? Then there is nothing to do. If not, end the session and change your password now.\nCheck this session (https://app.example/account/sessions/s-77)\nMessages about the safety of yo"
      }
    }
  ]
}

export const MUTED: Story = {
  "id": "ntf_06h02pulftr83387mcu3d09sjc000001000000000000k",
  "event_id": "evt_01a20167d57f76818d07b33c36813c9b",
  "event_type": "comment.added",
  "user": "tomas",
  "workflow": "comment-added",
  "status": "skipped",
  "correlation_id": null,
  "tags": {},
  "verdict": "not_told",
  "because": "tomas muted the topic ticket:881, so nothing was sent.",
  "channels": [
    {
      "workflow": "comment-added",
      "step": 0,
      "channel": "inbox",
      "result": "skip",
      "reason": "muted",
      "gate": "mute",
      "scope": "the topic ticket:881",
      "decided_at": "2026-11-22T03:58:31.820581Z",
      "n": 0,
      "text": "tomas muted the topic ticket:881, so nothing was sent.",
      "deliveries": [],
      "trace": [
        {
          "gate": "mute",
          "verdict": "skip",
          "detail": "the scope is muted",
          "scope": "topic"
        }
      ]
    },
    {
      "workflow": "comment-added",
      "step": 1,
      "channel": "email",
      "result": "skip",
      "reason": "muted",
      "gate": "mute",
      "scope": "the topic ticket:881",
      "decided_at": "2026-11-22T03:58:31.820581Z",
      "n": 0,
      "text": "tomas muted the topic ticket:881, so nothing was sent.",
      "deliveries": [],
      "trace": [
        {
          "gate": "mute",
          "verdict": "skip",
          "detail": "the scope is muted",
          "scope": "topic"
        }
      ]
    }
  ],
  "waits": [],
  "facts": {
    "now": "2026-11-22T03:58:31.820581Z",
    "expires_at": null,
    "silent": false,
    "mention": null,
    "duplicate": false,
    "destinations": {
      "email": 1
    },
    "conditions": {},
    "paused": false,
    "cancelled": false
  },
  "deliveries": [],
  "decided_at": "2026-11-22T03:58:31.820581Z",
  "decision_kept": true,
  "versions": {
    "user": 1,
    "preferences": 1,
    "defaults": 0,
    "decider": 2,
    "workflows": {
      "comment-added": 1
    },
    "same_answer_today": true
  },
  "timeline": [
    {
      "at": "2026-11-22T03:58:31.807761Z",
      "what": "accepted",
      "text": "The event comment.added was accepted.",
      "type": "comment.added"
    },
    {
      "at": "2026-11-22T03:58:31.820581Z",
      "what": "decided",
      "text": "tomas muted the topic ticket:881, so nothing was sent.",
      "workflow": "comment-added",
      "n": 0,
      "steps": [
        {
          "step": -1,
          "result": "skip",
          "reason": "muted"
        }
      ]
    }
  ],
  "content": []
}

export const NO_CONSENT: Story = {
  "id": "ntf_06h02pv5k9svb75e3df8v5nigo00000200000000003u0",
  "event_id": "evt_01a20167e5a279f59cae1b5e8f96f286",
  "event_type": "discount.published",
  "user": "fan-1999",
  "workflow": "discount-published",
  "status": "sent",
  "correlation_id": null,
  "tags": {},
  "verdict": "partly_told",
  "because": "fan-1999 has nothing set against it, so the inbox item was sent. The category marketing may only reach people who agreed to it, and fan-1999 had not agreed to get it by e-mail, so the e-mail was not sent.",
  "channels": [
    {
      "workflow": "discount-published",
      "step": 0,
      "channel": "inbox",
      "result": "send",
      "reason": "level_all",
      "gate": "end",
      "scope": null,
      "decided_at": "2026-11-22T03:58:36.204343Z",
      "n": 0,
      "text": "fan-1999 has nothing set against it, so the inbox item was sent.",
      "deliveries": [],
      "trace": [
        {
          "gate": "level",
          "verdict": "pass",
          "detail": "the level is all"
        },
        {
          "gate": "end",
          "verdict": "pass",
          "detail": "the level is all"
        }
      ]
    },
    {
      "workflow": "discount-published",
      "step": 1,
      "channel": "email",
      "result": "skip",
      "reason": "no_consent",
      "gate": "consent",
      "scope": null,
      "decided_at": "2026-11-22T03:58:36.204343Z",
      "n": 0,
      "text": "The category marketing may only reach people who agreed to it, and fan-1999 had not agreed to get it by e-mail, so the e-mail was not sent.",
      "deliveries": [],
      "trace": [
        {
          "gate": "level",
          "verdict": "pass",
          "detail": "the level is all"
        },
        {
          "gate": "consent",
          "verdict": "skip",
          "detail": "the category requires consent, and none was given"
        }
      ]
    }
  ],
  "waits": [],
  "facts": {
    "now": "2026-11-22T03:58:36.204343Z",
    "expires_at": null,
    "silent": false,
    "mention": null,
    "duplicate": false,
    "destinations": {
      "push": 1,
      "email": 1
    },
    "conditions": {},
    "paused": false,
    "cancelled": false
  },
  "deliveries": [],
  "decided_at": "2026-11-22T03:58:36.204343Z",
  "decision_kept": true,
  "versions": {
    "user": 1,
    "preferences": 0,
    "defaults": 0,
    "decider": 2,
    "workflows": {
      "discount-published": 1
    },
    "same_answer_today": true
  },
  "timeline": [
    {
      "at": "2026-11-22T03:58:35.938060Z",
      "what": "accepted",
      "text": "The event discount.published was accepted.",
      "type": "discount.published"
    },
    {
      "at": "2026-11-22T03:58:36.204343Z",
      "what": "decided",
      "text": "fan-1999 has nothing set against it, so the inbox item was sent. The category marketing may only reach people who agreed to it, and fan-1999 had not agreed to get it by e-mail, so the e-mail was not sent.",
      "workflow": "discount-published",
      "n": 0,
      "steps": [
        {
          "step": 0,
          "result": "send",
          "reason": "level_all"
        },
        {
          "step": 1,
          "result": "skip",
          "reason": "no_consent"
        }
      ]
    },
    {
      "at": "2026-11-22T03:58:36.204343Z",
      "what": "in the inbox",
      "text": "It was put into the inbox.",
      "workflow": "discount-published",
      "channel": "inbox",
      "step": 0
    }
  ],
  "content": [
    {
      "step": 0,
      "locale": "",
      "certain": true,
      "wanted": null,
      "fields": {
        "title": "20 % off oranges",
        "body": "With the code ORANGE20, until Sunday.",
        "url": "/offers/spring"
      }
    }
  ]
}
