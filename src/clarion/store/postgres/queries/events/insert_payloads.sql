insert into event_payload (env, event, data)
select j.env, decode(j.event, 'hex'), j.data
from unnest($1::int8[], $2::text[], $3::text[]) as j(env, event, data)
