insert into forgotten_event (env, event)
select $1::int8, decode(j.event, 'hex') from unnest($2::text[]) as j(event)
on conflict do nothing
