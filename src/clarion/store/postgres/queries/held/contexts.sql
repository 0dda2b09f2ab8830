-- Rows of (env, event, workflow, user): the topic that the user was reached by (it stands at place 6 of the decision
-- record), and how many items of the notification there are, were seen, were read.
select
    n.event, n.workflow, n."user", coalesce((n.decided::json ->> 6)::int8, 0), shown.items,
    shown.seen, shown.read
from unnest($1::int8[], $2::text[], $3::int8[], $4::int8[]) as j(env, event, workflow, "user")
join notification as n
    on n.env = j.env and n.event = decode(j.event, 'hex') and n.workflow = j.workflow
    and n."user" = j."user"
cross join lateral (
    select count(*) as items, count(i.seen_at) as seen, count(i.read_at) as read
    from item as i
    where i.env = n.env and i.event = n.event and i.workflow = n.workflow and i."user" = n."user"
) as shown
