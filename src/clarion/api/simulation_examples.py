"""Examples of simulations for the description of the API."""

from __future__ import annotations

EXAMPLE_EXAMPLE = {
    "n": 1,
    "notification_id": "ntf_06jt0mbh2dng3fmbqk6l5abq8s00000400000000000007",
    "event_id": "evt_06jt0mbh2dng3fmbqk6l5abq8s",
    "user": "u7",
    "workflow": "comment-added",
    "channel": "push",
    "before": {"result": "send", "reason": "level_all", "ends": None},
    "after": {"result": "hold", "reason": "quiet_hours", "ends": "send"},
}

SIMULATION_EXAMPLE = {
    "id": "sim_3",
    "name": "quiet hours for everybody",
    "state": "done",
    "progress": {"done": 5210, "total": 5210, "decisions": 48112},
    "created_at": "2026-01-02T03:04:05.678901Z",
    "updated_at": "2026-01-02T03:04:09.678901Z",
    "finished_at": "2026-01-02T03:04:09.678901Z",
    "error": None,
    "answer": {
        "decisions": 48112,
        "unchanged": 40300,
        "changed": 7812,
        "not_known": 0,
        "by_channel": {
            "push": {
                "sent_before": 41200,
                "sent_after": 41200,
                "gained": 0,
                "lost": 0,
                "held_before": 120,
                "held_after": 7932,
                "digested_before": 0,
                "digested_after": 0,
                "skipped_before": 6912,
                "skipped_after": 6912,
                "not_known": 0,
            }
        },
        "by_reason": [
            {
                "channel": "push",
                "before": {"result": "send", "reason": "level_all", "ends": None},
                "after": {"result": "hold", "reason": "quiet_hours", "ends": None},
                "count": 7812,
            }
        ],
        "users_gaining": 0,
        "users_losing": 0,
        "examples": [EXAMPLE_EXAMPLE],
        "facts": {
            "taken": ["dedupe keys"],
            "simulated": [{"fact": "ends of waits that nobody waited", "count": 7812}],
            "missing": [],
        },
    },
}

EVENT_EXAMPLE = {
    "user": "u7",
    "event_type": "comment.added",
    "verdict": "waiting",
    "because": "It is in the quiet hours of u7, so the push waits until 2026-01-02T07:00Z.",
    "workflows": [
        {
            "workflow": "comment-added",
            "because": "It is in the quiet hours of u7, so the push waits.",
            "channels": [
                {
                    "step": 0,
                    "channel": "push",
                    "result": "hold",
                    "reason": "quiet_hours",
                    "gate": "quiet",
                    "scope": "environment",
                    "until": "2026-01-02T07:00:00.000000Z",
                    "trace": [
                        {
                            "gate": "quiet",
                            "verdict": "hold",
                            "detail": "quiet hours",
                            "scope": "environment",
                            "step": 0,
                        }
                    ],
                }
            ],
        }
    ],
    "decided_at": "2026-01-02T03:04:05.678901Z",
    "reserved": False,
    "notes": ["caps were asked and nothing was counted"],
}
