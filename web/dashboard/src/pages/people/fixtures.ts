// Answers of a server that played `clarion demo`; of the workflows' steps only the channels are kept.
import type { CategoryTold, WorkflowTold } from '../told'
import type { Resolved } from './resolved'

export const FLOWS: WorkflowTold[] = [
  {
    "key": "comment-added",
    "version": 1,
    "paused": false,
    "document": {
      "key": "comment-added",
      "on": "comment.added",
      "category": "social",
      "audience": "topic(\"ticket:\" + data.ticket_id)",
      "dedupe": {
        "key": "data.comment_id",
        "window": "PT10M"
      },
      "expires_in": "PT24H",
      "locale": "en",
      "steps": [
        {
          "send": {
            "channel": "inbox"
          }
        },
        {
          "send": {
            "channel": "email"
          }
        }
      ]
    }
  },
  {
    "key": "discount-published",
    "version": 1,
    "paused": false,
    "document": {
      "key": "discount-published",
      "on": "discount.published",
      "category": "marketing",
      "audience": "all()",
      "dedupe": {
        "key": "data.offer_id",
        "window": "P7D"
      },
      "expires_in": "P2D",
      "steps": [
        {
          "send": {
            "channel": "inbox"
          }
        },
        {
          "send": {
            "channel": "email"
          }
        }
      ]
    }
  },
  {
    "key": "otp-requested",
    "version": 1,
    "paused": false,
    "document": {
      "key": "otp-requested",
      "on": "otp.requested",
      "category": "security",
      "expires_in": "PT2M",
      "locale": "en",
      "steps": [
        {
          "send": {
            "channel": "push"
          }
        },
        {
          "send": {
            "channel": "email"
          }
        }
      ]
    }
  }
]

export const CATEGORIES: CategoryTold[] = [
  {
    "key": "marketing",
    "version": 1,
    "document": {
      "key": "marketing",
      "lane": "bulk",
      "mandatory": false,
      "quiet_hours": "respect",
      "consent": "required",
      "on_unknown": {},
      "attempts": 4
    }
  },
  {
    "key": "security",
    "version": 1,
    "document": {
      "key": "security",
      "lane": "critical",
      "mandatory": true,
      "quiet_hours": "ignore",
      "consent": "none",
      "on_unknown": {},
      "attempts": 4
    }
  },
  {
    "key": "social",
    "version": 1,
    "document": {
      "key": "social",
      "lane": "social",
      "mandatory": false,
      "quiet_hours": "respect",
      "consent": "none",
      "on_unknown": {},
      "attempts": 4
    }
  }
]

/** Of somebody who switched e-mail off, about `comment-added`. */
export const RESOLVED: Resolved = {
  "user": "mia",
  "at": "2026-11-22T04:19:58.043052Z",
  "asked": {
    "workflow": "comment-added",
    "category": "social"
  },
  "unknown": [],
  "versions": {
    "preferences": 1,
    "defaults": 0
  },
  "cadence": null,
  "channels": {
    "inbox": {
      "state": "on",
      "reason": "level_all"
    },
    "push": {
      "state": "on",
      "reason": "level_all"
    },
    "email": {
      "state": "off",
      "reason": "channel_off",
      "scope": {
        "kind": "user",
        "id": null
      }
    },
    "sms": {
      "state": "off",
      "reason": "no_destination"
    },
    "chat": {
      "state": "off",
      "reason": "no_destination"
    },
    "webhook": {
      "state": "on",
      "reason": "level_all"
    }
  },
  "mentioned": {
    "inbox": {
      "state": "on",
      "reason": "level_all"
    },
    "push": {
      "state": "on",
      "reason": "level_all"
    },
    "email": {
      "state": "off",
      "reason": "channel_off",
      "scope": {
        "kind": "user",
        "id": null
      }
    },
    "sms": {
      "state": "off",
      "reason": "no_destination"
    },
    "chat": {
      "state": "off",
      "reason": "no_destination"
    },
    "webhook": {
      "state": "on",
      "reason": "level_all"
    }
  }
}
