delete from event_key
where (env, key) in (select value ->> 0, value ->> 1 from json_each(?1))
    and event in (select unhex(value ->> 2) from json_each(?1))
