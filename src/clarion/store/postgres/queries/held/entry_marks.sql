-- Rows of (env, digest): how many items of what it gathered there are, were seen, were read. What an item tells
-- together with others was seen when the item was, since it told it.
select digest, count(*), count(*) filter (where seen), count(*) filter (where read)
from (
    select d.digest, coalesce(i.seen_at, i.last_seen_at) is not null as seen, coalesce(i.read_at, i.last_read_at) is not null as read
    from unnest($1::int8[], $2::text[]) as j(env, digest)
    join digest as d on d.env = j.env and d.digest = decode(j.digest, 'hex')
    join digest_entry as e on e.env = d.env and e.digest = d.digest and e.retracted_at is null
    join item as i
        on i.env = e.env and i.event = e.event and i.workflow = d.workflow and i."user" = d."user"
        and i.aggregation_key is null
    union all
    select
        d.digest, greatest(i.seen_at, i.last_seen_at, 0) >= m.at,
        greatest(i.read_at, i.last_read_at, 0) >= m.at
    from unnest($1::int8[], $2::text[]) as j(env, digest)
    join digest as d on d.env = j.env and d.digest = decode(j.digest, 'hex')
    join digest_entry as e on e.env = d.env and e.digest = d.digest and e.retracted_at is null
    join item_member as m
        on m.env = e.env and m.event = e.event and m.workflow = d.workflow and m."user" = d."user"
    join item as i
        on i.env = m.env and i."user" = m."user" and i.tenant = m.tenant and i.seq = m.seq
) as shown
group by digest
