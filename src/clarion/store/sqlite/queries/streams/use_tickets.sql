-- Rows of (env, user, ticket, until): those that nobody used before.
insert into used_ticket (env, user, ticket, until)
select value ->> 0, value ->> 1, value ->> 2, value ->> 3
from json_each(?)
where true
on conflict do nothing
returning ticket
