insert into event_tag (env, key, value, event)
select j.value ->> 0, j.value ->> 1, j.value ->> 2, unhex(j.value ->> 3) from json_each(?) as j
