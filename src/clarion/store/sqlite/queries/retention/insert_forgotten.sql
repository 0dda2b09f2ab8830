insert into forgotten_event (env, event)
select ?1, unhex(value) from json_each(?2) where true
on conflict do nothing
