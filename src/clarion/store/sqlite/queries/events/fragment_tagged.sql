event_tag as t
cross join event as e on e.env = t.env and e.event = t.event
