insert into event_recipient (env, event, "user")
select j.env, decode(j.event, 'hex'), j."user"
from unnest($1::int8[], $2::text[], $3::int8[]) as j(env, event, "user")
on conflict do nothing
