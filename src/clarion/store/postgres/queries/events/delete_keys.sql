delete from event_key as k
using unnest($1::int8[], $2::text[], $3::text[]) as j(env, key, event)
where k.env = j.env and k.key = j.key and k.event = decode(j.event, 'hex')
