delete from event_delta where id = any ($1::int8[])
