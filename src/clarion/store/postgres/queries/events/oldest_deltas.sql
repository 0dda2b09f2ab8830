select id from event_delta order by id limit $1 for update skip locked
