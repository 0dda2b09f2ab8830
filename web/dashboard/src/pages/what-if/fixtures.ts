// An answer of a server that played `clarion demo` and then tried quiet hours on it.
import type { Simulation } from './simulation'

export const SIMULATED: Simulation = {
  "id": "sim_1",
  "name": "Quiet nights and no marketing e-mail",
  "state": "done",
  "progress": {
    "done": 2017,
    "total": 2017,
    "decisions": 4062
  },
  "created_at": "2026-11-22T04:23:31.620083Z",
  "updated_at": "2026-11-22T04:23:32.333617Z",
  "finished_at": "2026-11-22T04:23:32.333617Z",
  "error": null,
  "answer": {
    "decisions": 4062,
    "unchanged": 1923,
    "changed": 2139,
    "not_known": 0,
    "by_channel": {
      "email": {
        "sent_before": 135,
        "sent_after": 6,
        "gained": 0,
        "lost": 129,
        "held_before": 0,
        "held_after": 2,
        "digested_before": 0,
        "digested_after": 0,
        "skipped_before": 1890,
        "skipped_after": 2019,
        "not_known": 0
      },
      "inbox": {
        "sent_before": 3904,
        "sent_after": 3904,
        "gained": 0,
        "lost": 0,
        "held_before": 0,
        "held_after": 0,
        "digested_before": 20,
        "digested_after": 20,
        "skipped_before": 135,
        "skipped_after": 135,
        "not_known": 0
      },
      "push": {
        "sent_before": 2011,
        "sent_after": 5,
        "gained": 0,
        "lost": 2006,
        "held_before": 1,
        "held_after": 3,
        "digested_before": 20,
        "digested_after": 20,
        "skipped_before": 8,
        "skipped_after": 2014,
        "not_known": 0
      }
    },
    "by_reason": [
      {
        "channel": "email",
        "before": {
          "result": "send",
          "reason": "level_all",
          "ends": null
        },
        "after": {
          "result": "hold",
          "reason": "quiet_hours",
          "ends": null
        },
        "count": 1
      },
      {
        "channel": "email",
        "before": {
          "result": "send",
          "reason": "level_all",
          "ends": null
        },
        "after": {
          "result": "skip",
          "reason": "channel_off",
          "ends": null
        },
        "count": 129
      },
      {
        "channel": "email",
        "before": {
          "result": "send",
          "reason": "mention",
          "ends": null
        },
        "after": {
          "result": "hold",
          "reason": "quiet_hours",
          "ends": null
        },
        "count": 1
      },
      {
        "channel": "push",
        "before": {
          "result": "send",
          "reason": "level_all",
          "ends": null
        },
        "after": {
          "result": "hold",
          "reason": "quiet_hours",
          "ends": null
        },
        "count": 2
      },
      {
        "channel": "push",
        "before": {
          "result": "send",
          "reason": "level_all",
          "ends": null
        },
        "after": {
          "result": "skip",
          "reason": "expires_while_held",
          "ends": null
        },
        "count": 2006
      }
    ],
    "users_gaining": 0,
    "users_losing": 2008,
    "examples": [
      {
        "n": 1,
        "notification_id": "ntf_06h02pul0ltdvae56t1o3gfjio0000050000000000002",
        "event_id": "evt_01a20167d5057adfa9c5374381c1f396",
        "user": "ana",
        "workflow": "order-created",
        "channel": "push",
        "before": {
          "result": "send",
          "reason": "level_all",
          "ends": null
        },
        "after": {
          "result": "skip",
          "reason": "expires_while_held",
          "ends": null
        }
      },
      {
        "n": 2,
        "notification_id": "ntf_06h02pv5k9svb75e3df8v5nigo0000020000000000002",
        "event_id": "evt_01a20167e5a279f59cae1b5e8f96f286",
        "user": "ana",
        "workflow": "discount-published",
        "channel": "email",
        "before": {
          "result": "send",
          "reason": "level_all",
          "ends": null
        },
        "after": {
          "result": "skip",
          "reason": "channel_off",
          "ends": null
        }
      },
      {
        "n": 3,
        "notification_id": "ntf_06h02pul0ltdvae56t1o3gfjio0000050000000000004",
        "event_id": "evt_01a20167d5057adfa9c5374381c1f396",
        "user": "ben",
        "workflow": "order-created",
        "channel": "push",
        "before": {
          "result": "send",
          "reason": "level_all",
          "ends": null
        },
        "after": {
          "result": "skip",
          "reason": "expires_while_held",
          "ends": null
        }
      },
      {
        "n": 4,
        "notification_id": "ntf_06h02pv5k9svb75e3df8v5nigo0000020000000000004",
        "event_id": "evt_01a20167e5a279f59cae1b5e8f96f286",
        "user": "ben",
        "workflow": "discount-published",
        "channel": "email",
        "before": {
          "result": "send",
          "reason": "level_all",
          "ends": null
        },
        "after": {
          "result": "skip",
          "reason": "channel_off",
          "ends": null
        }
      },
      {
        "n": 5,
        "notification_id": "ntf_06h02pultlp8p5m24nv44rljcg0000040000000000004",
        "event_id": "evt_01a20167d5ed728c96c225fe426eb364",
        "user": "ben",
        "workflow": "message-posted",
        "channel": "push",
        "before": {
          "result": "send",
          "reason": "level_all",
          "ends": null
        },
        "after": {
          "result": "hold",
          "reason": "quiet_hours",
          "ends": "send"
        }
      },
      {
        "n": 6,
        "notification_id": "ntf_06h02pul0ltdvae56t1o3gfjio0000050000000000006",
        "event_id": "evt_01a20167d5057adfa9c5374381c1f396",
        "user": "chloe",
        "workflow": "order-created",
        "channel": "push",
        "before": {
          "result": "send",
          "reason": "level_all",
          "ends": null
        },
        "after": {
          "result": "skip",
          "reason": "expires_while_held",
          "ends": null
        }
      },
      {
        "n": 7,
        "notification_id": "ntf_06h02pul0ltdvae56t1o3gfjio0000050000000000008",
        "event_id": "evt_01a20167d5057adfa9c5374381c1f396",
        "user": "deniz",
        "workflow": "order-created",
        "channel": "push",
        "before": {
          "result": "send",
          "reason": "level_all",
          "ends": null
        },
        "after": {
          "result": "skip",
          "reason": "expires_while_held",
          "ends": null
        }
      },
      {
        "n": 8,
        "notification_id": "ntf_06h02pul0ltdvae56t1o3gfjio000005000000000000a",
        "event_id": "evt_01a20167d5057adfa9c5374381c1f396",
        "user": "emil",
        "workflow": "order-created",
        "channel": "push",
        "before": {
          "result": "send",
          "reason": "level_all",
          "ends": null
        },
        "after": {
          "result": "skip",
          "reason": "expires_while_held",
          "ends": null
        }
      },
      {
        "n": 9,
        "notification_id": "ntf_06h02pul0ltdvae56t1o3gfjio000005000000000000c",
        "event_id": "evt_01a20167d5057adfa9c5374381c1f396",
        "user": "fatma",
        "workflow": "order-created",
        "channel": "push",
        "before": {
          "result": "send",
          "reason": "level_all",
          "ends": null
        },
        "after": {
          "result": "skip",
          "reason": "expires_while_held",
          "ends": null
        }
      },
      {
        "n": 10,
        "notification_id": "ntf_06h02pulftr83387mcu3d09sjc000001000000000000g",
        "event_id": "evt_01a20167d57f76818d07b33c36813c9b",
        "user": "marco",
        "workflow": "comment-added",
        "channel": "email",
        "before": {
          "result": "send",
          "reason": "level_all",
          "ends": null
        },
        "after": {
          "result": "hold",
          "reason": "quiet_hours",
          "ends": "send"
        }
      },
      {
        "n": 11,
        "notification_id": "ntf_06h02pulftr83387mcu3d09sjc000001000000000000i",
        "event_id": "evt_01a20167d57f76818d07b33c36813c9b",
        "user": "priya",
        "workflow": "comment-added",
        "channel": "email",
        "before": {
          "result": "send",
          "reason": "mention",
          "ends": null
        },
        "after": {
          "result": "hold",
          "reason": "quiet_hours",
          "ends": "send"
        }
      },
      {
        "n": 12,
        "notification_id": "ntf_06h02pum8i08r60pmutkjm67eo000009000000000000m",
        "event_id": "evt_01a20167d644808d9819b7bb49d8c776",
        "user": "mia",
        "workflow": "post-liked",
        "channel": "push",
        "before": {
          "result": "send",
          "reason": "level_all",
          "ends": null
        },
        "after": {
          "result": "hold",
          "reason": "quiet_hours",
          "ends": "send"
        }
      },
      {
        "n": 13,
        "notification_id": "ntf_06h02pv5k9svb75e3df8v5nigo000002000000000000o",
        "event_id": "evt_01a20167e5a279f59cae1b5e8f96f286",
        "user": "noor",
        "workflow": "discount-published",
        "channel": "email",
        "before": {
          "result": "send",
          "reason": "level_all",
          "ends": null
        },
        "after": {
          "result": "skip",
          "reason": "channel_off",
          "ends": null
        }
      },
      {
        "n": 14,
        "notification_id": "ntf_06h02pv5k9svb75e3df8v5nigo000002000000000000q",
        "event_id": "evt_01a20167e5a279f59cae1b5e8f96f286",
        "user": "pavel",
        "workflow": "discount-published",
        "channel": "email",
        "before": {
          "result": "send",
          "reason": "level_all",
          "ends": null
        },
        "after": {
          "result": "skip",
          "reason": "channel_off",
          "ends": null
        }
      },
      {
        "n": 15,
        "notification_id": "ntf_06h02puuldvc79nr1b6v0ltc7o00000a0000000000014",
        "event_id": "evt_01a20167deab7ec3a6fb0acdf057ac3e",
        "user": "fan-0001",
        "workflow": "stream-live",
        "channel": "push",
        "before": {
          "result": "send",
          "reason": "level_all",
          "ends": null
        },
        "after": {
          "result": "skip",
          "reason": "expires_while_held",
          "ends": null
        }
      },
      {
        "n": 16,
        "notification_id": "ntf_06h02pv5k9svb75e3df8v5nigo0000020000000000014",
        "event_id": "evt_01a20167e5a279f59cae1b5e8f96f286",
        "user": "fan-0001",
        "workflow": "discount-published",
        "channel": "email",
        "before": {
          "result": "send",
          "reason": "level_all",
          "ends": null
        },
        "after": {
          "result": "skip",
          "reason": "channel_off",
          "ends": null
        }
      },
      {
        "n": 17,
        "notification_id": "ntf_06h02puuldvc79nr1b6v0ltc7o00000a0000000000016",
        "event_id": "evt_01a20167deab7ec3a6fb0acdf057ac3e",
        "user": "fan-0002",
        "workflow": "stream-live",
        "channel": "push",
        "before": {
          "result": "send",
          "reason": "level_all",
          "ends": null
        },
        "after": {
          "result": "skip",
          "reason": "expires_while_held",
          "ends": null
        }
      },
      {
        "n": 18,
        "notification_id": "ntf_06h02puuldvc79nr1b6v0ltc7o00000a0000000000018",
        "event_id": "evt_01a20167deab7ec3a6fb0acdf057ac3e",
        "user": "fan-0003",
        "workflow": "stream-live",
        "channel": "push",
        "before": {
          "result": "send",
          "reason": "level_all",
          "ends": null
        },
        "after": {
          "result": "skip",
          "reason": "expires_while_held",
          "ends": null
        }
      },
      {
        "n": 19,
        "notification_id": "ntf_06h02puuldvc79nr1b6v0ltc7o00000a000000000001a",
        "event_id": "evt_01a20167deab7ec3a6fb0acdf057ac3e",
        "user": "fan-0004",
        "workflow": "stream-live",
        "channel": "push",
        "before": {
          "result": "send",
          "reason": "level_all",
          "ends": null
        },
        "after": {
          "result": "skip",
          "reason": "expires_while_held",
          "ends": null
        }
      },
      {
        "n": 20,
        "notification_id": "ntf_06h02puuldvc79nr1b6v0ltc7o00000a000000000001c",
        "event_id": "evt_01a20167deab7ec3a6fb0acdf057ac3e",
        "user": "fan-0005",
        "workflow": "stream-live",
        "channel": "push",
        "before": {
          "result": "send",
          "reason": "level_all",
          "ends": null
        },
        "after": {
          "result": "skip",
          "reason": "expires_while_held",
          "ends": null
        }
      }
    ],
    "facts": {
      "taken": [
        "preferences, destinations and zones of users, at the versions that were seen",
        "presence and what was seen in the inbox",
        "dedupe keys",
        "consents and suppressions",
        "conditions that did not change",
        "caps, until the change reaches their counters"
      ],
      "simulated": [
        {
          "fact": "uses of counters that the change reaches",
          "count": 3903
        },
        {
          "fact": "ends of waits that nobody waited",
          "count": 4
        }
      ],
      "missing": [
        {
          "fact": "facts at the end of waits that nobody waited",
          "count": 4
        }
      ]
    }
  }
}
