update event set cancelled_at = coalesce(cancelled_at, ?3)
where env = ?1 and event in (select unhex(value) from json_each(?2))
returning event
