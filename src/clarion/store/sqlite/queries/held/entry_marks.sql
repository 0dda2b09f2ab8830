-- Rows of (env, digest): how many items of what it gathered there are, were seen, were read. What an item tells
-- together with others was seen when the item was, since it told it.
select digest, count(*), sum(seen), sum(read)
from (
    select d.digest as digest, coalesce(i.seen_at, i.last_seen_at) is not null as seen, coalesce(i.read_at, i.last_read_at) is not null as read
    from json_each(?1) as j
    cross join digest as d on d.env = j.value ->> 0 and d.digest = unhex(j.value ->> 1)
    cross join digest_entry as e on e.env = d.env and e.digest = d.digest and e.retracted_at is null
    cross join item as i indexed by item_by_notification
        on i.env = e.env and i.event = e.event and i.workflow = d.workflow and i.user = d.user
        and i.aggregation_key is null
    union all
    select
        d.digest, max(coalesce(i.seen_at, 0), coalesce(i.last_seen_at, 0)) >= m.at,
        max(coalesce(i.read_at, 0), coalesce(i.last_read_at, 0)) >= m.at
    from json_each(?1) as j
    cross join digest as d on d.env = j.value ->> 0 and d.digest = unhex(j.value ->> 1)
    cross join digest_entry as e on e.env = d.env and e.digest = d.digest and e.retracted_at is null
    cross join item_member as m
        on m.env = e.env and m.event = e.event and m.workflow = d.workflow and m.user = d.user
    cross join item as i
        on i.env = m.env and i.user = m.user and i.tenant = m.tenant and i.seq = m.seq
)
group by digest
