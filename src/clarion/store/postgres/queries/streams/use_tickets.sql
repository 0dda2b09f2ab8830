-- Rows of (env, user, ticket, until): those that nobody used before.
insert into used_ticket (env, "user", ticket, until)
select j.env, j."user", j.ticket, j.until
from unnest($1::int8[], $2::int8[], $3::text[], $4::int8[]) as j(env, "user", ticket, until)
order by j.env, j.ticket collate "C"
on conflict do nothing
returning ticket
