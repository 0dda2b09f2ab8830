-- Rows of (env, user, tenant): the last number of each inbox, and the instant of the item on its top.
select
    j.env, j."user", j.tenant, coalesce(c.seq, 0),
    case when coalesce(b.place, 0) > coalesce(a.seq, 0) then b.at else a.at end
from unnest($1::int8[], $2::int8[], $3::int8[]) as j(env, "user", tenant)
left join lateral (
    select n.seq from inbox_counter as n
    where n.env = j.env and n."user" = j."user" and n.tenant = j.tenant
    limit 1
) as c on true
left join lateral (
    select i.seq, i.created_at as at from item as i
    where i.env = j.env and i."user" = j."user" and i.tenant = j.tenant and i.place is null
    order by i.seq desc
    limit 1
) as a on true
left join lateral (
    select i.place, coalesce(i.updated_at, i.created_at) as at from item as i
    where i.env = j.env and i."user" = j."user" and i.tenant = j.tenant and i.place is not null
    order by i.place desc
    limit 1
) as b on true
