-- Rows of (env, event, workflow, user): the topic that the user was reached by (it stands at place 6 of the decision
-- record), and how many items of the notification there are, were seen, were read. What an item tells together with
-- others was seen when the item was, since it told it.
select
    n.event, n.workflow, n."user", coalesce((n.decided::json ->> 6)::int8, 0), shown.items,
    shown.seen, shown.read
from unnest($1::int8[], $2::text[], $3::int8[], $4::int8[]) as j(env, event, workflow, "user")
join notification as n
    on n.env = j.env and n.event = decode(j.event, 'hex') and n.workflow = j.workflow
    and n."user" = j."user"
cross join lateral (
    select count(*) as items, count(*) filter (where seen) as seen, count(*) filter (where read) as read
    from (
        select coalesce(i.seen_at, i.last_seen_at) is not null as seen, coalesce(i.read_at, i.last_read_at) is not null as read
        from item as i
        where i.env = n.env and i.event = n.event and i.workflow = n.workflow
            and i."user" = n."user" and i.aggregation_key is null
        union all
        select
            greatest(i.seen_at, i.last_seen_at, 0) >= m.at,
            greatest(i.read_at, i.last_read_at, 0) >= m.at
        from item_member as m
        join item as i
            on i.env = m.env and i."user" = m."user" and i.tenant = m.tenant and i.seq = m.seq
        where m.env = n.env and m.event = n.event and m.workflow = n.workflow
            and m."user" = n."user"
    ) as one
) as shown
