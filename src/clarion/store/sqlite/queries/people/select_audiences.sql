select event, audience from event
where env = ?1 and event in (select unhex(value) from json_each(?2))
