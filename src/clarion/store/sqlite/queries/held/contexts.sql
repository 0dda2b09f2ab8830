-- Rows of (env, event, workflow, user): the topic that the user was reached by (it stands at place 6 of the decision
-- record), and how many items of the notification there are, were seen, were read. What an item tells together with
-- others was seen when the item was, since it told it.
with shown as materialized (
    select n.env, n.event, n.workflow, n.user, coalesce(i.seen_at, i.last_seen_at) is not null as seen, coalesce(i.read_at, i.last_read_at) is not null as read
    from json_each(?1) as j
    cross join notification as n
        on n.env = j.value ->> 0 and n.event = unhex(j.value ->> 1) and n.workflow = j.value ->> 2
        and n.user = j.value ->> 3
    cross join item as i indexed by item_by_notification
        on i.env = n.env and i.event = n.event and i.workflow = n.workflow and i.user = n.user
        and i.aggregation_key is null
    union all
    select
        m.env, m.event, m.workflow, m.user, max(coalesce(i.seen_at, 0), coalesce(i.last_seen_at, 0)) >= m.at,
        max(coalesce(i.read_at, 0), coalesce(i.last_read_at, 0)) >= m.at
    from json_each(?1) as j
    cross join item_member as m
        on m.env = j.value ->> 0 and m.event = unhex(j.value ->> 1) and m.workflow = j.value ->> 2
        and m.user = j.value ->> 3
    cross join item as i
        on i.env = m.env and i.user = m.user and i.tenant = m.tenant and i.seq = m.seq
)
select
    n.event, n.workflow, n.user, n.decided ->> 6, count(s.seen), coalesce(sum(s.seen), 0),
    coalesce(sum(s.read), 0)
from json_each(?1) as j
cross join notification as n
    on n.env = j.value ->> 0 and n.event = unhex(j.value ->> 1) and n.workflow = j.value ->> 2
    and n.user = j.value ->> 3
left join shown as s
    on s.env = n.env and s.event = n.event and s.workflow = n.workflow and s.user = n.user
group by n.env, n.event, n.workflow, n.user
