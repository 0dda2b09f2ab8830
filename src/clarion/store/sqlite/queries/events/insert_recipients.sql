insert into event_recipient (env, event, user)
select value ->> 0, unhex(value ->> 1), value ->> 2 from json_each(?)
where true
on conflict do nothing
