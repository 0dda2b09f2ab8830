-- Rows of (env, user, tenant, seq, place, number of the change; null for an item that is new).
update item as i set
    place = j.place,
    change = coalesce(j.change, i.change),
    version = i.version + case when j.change is null then 0 else 1 end
from
    unnest($1::int8[], $2::int8[], $3::int8[], $4::int8[], $5::int8[], $6::int8[])
        as j(env, "user", tenant, seq, place, change)
where i.env = j.env and i."user" = j."user" and i.tenant = j.tenant and i.seq = j.seq
