insert into event_payload (env, event, data)
select value ->> 0, unhex(value ->> 1), value ->> 2 from json_each(?)
