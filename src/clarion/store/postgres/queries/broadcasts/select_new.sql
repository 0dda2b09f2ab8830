-- Rows of (user, number): the numbers of those after it up to another that the user is a member of.
select j."user", b.seq
from unnest($1::int8[], $2::int8[]) as j("user", after)
cross join lateral (
    select b.seq, b.topic, b.published_at
    from broadcast as b
    where b.env = $3 and b.tenant = $4 and b.seq > j.after and b.seq <= $5
    order by b.seq
    offset 0
) as b
cross join lateral (
    select 1
    from subscription as s
    where s.env = $3 and s.topic = b.topic and s."user" = j."user" and s.since <= b.published_at
        and (s.until is null or s.until > b.published_at)
    limit 1
) as s
order by b.seq
