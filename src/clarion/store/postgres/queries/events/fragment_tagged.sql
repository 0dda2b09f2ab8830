event_tag as t
join event as e on e.env = t.env and e.event = t.event
