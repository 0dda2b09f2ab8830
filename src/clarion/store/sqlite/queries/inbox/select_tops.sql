-- Rows of (env, user, tenant): the last number of each inbox, and the instant of the item on its top.
select
    t.env, t.user, t.tenant, coalesce(c.seq, 0),
    case when coalesce(b.place, 0) > coalesce(a.seq, 0) then coalesce(b.updated_at, b.created_at)
        else a.created_at
    end
from (
    select
        j.value ->> 0 as env, j.value ->> 1 as user, j.value ->> 2 as tenant,
        (
            select i.seq from item as i
            where i.env = j.value ->> 0 and i.user = j.value ->> 1 and i.tenant = j.value ->> 2
                and i.place is null
            order by i.seq desc
            limit 1
        ) as own,
        (
            select i.seq from item as i indexed by item_by_place
            where i.env = j.value ->> 0 and i.user = j.value ->> 1 and i.tenant = j.value ->> 2
                and i.place is not null
            order by i.place desc
            limit 1
        ) as placed
    from json_each(?1) as j
) as t
left join inbox_counter as c on c.env = t.env and c.user = t.user and c.tenant = t.tenant
left join item as a on a.env = t.env and a.user = t.user and a.tenant = t.tenant and a.seq = t.own
left join item as b
    on b.env = t.env and b.user = t.user and b.tenant = t.tenant and b.seq = t.placed
