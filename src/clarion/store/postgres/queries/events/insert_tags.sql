insert into event_tag (env, key, value, event)
select j.env, j.key, j.value, decode(j.event, 'hex')
from unnest($1::int8[], $2::text[], $3::text[], $4::text[]) as j(env, key, value, event)
