-- Rows of (env, user, tenant): the last number of each inbox, and the instant of the item on its top.
select
    t.env, t."user", t.tenant, coalesce(c.seq, 0),
    case when coalesce(b.place, 0) > coalesce(a.seq, 0) then coalesce(b.updated_at, b.created_at)
        else a.created_at
    end
from (
    select
        j.env, j."user", j.tenant,
        (
            select i.seq from item as i
            where i.env = j.env and i."user" = j."user" and i.tenant = j.tenant and i.place is null
            order by i.seq desc
            limit 1
        ) as own,
        (
            select i.seq from item as i
            where i.env = j.env and i."user" = j."user" and i.tenant = j.tenant
                and i.place is not null
            order by i.place desc
            limit 1
        ) as placed
    from unnest($1::int8[], $2::int8[], $3::int8[]) as j(env, "user", tenant)
) as t
left join inbox_counter as c on c.env = t.env and c."user" = t."user" and c.tenant = t.tenant
left join item as a
    on a.env = t.env and a."user" = t."user" and a.tenant = t.tenant and a.seq = t.own
left join item as b
    on b.env = t.env and b."user" = t."user" and b.tenant = t.tenant and b.seq = t.placed
