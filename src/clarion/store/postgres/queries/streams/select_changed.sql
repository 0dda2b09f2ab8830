-- Rows of (env, user, tenant, number): the items of each inbox that changed after that number, with the number of their
-- last change and whether they are still counted. An item that never changed has the number it was written with.
with changed as materialized (
    select i.env, i."user", i.tenant, i.seq, i.seq as change
    from unnest($1::int8[], $2::int8[], $3::int8[], $4::int8[]) as j(env, "user", tenant, after)
    join item as i
        on i.env = j.env and i."user" = j."user" and i.tenant = j.tenant and i.seq > j.after
        and i.change is null
    union all
    select i.env, i."user", i.tenant, i.seq, i.change
    from unnest($1::int8[], $2::int8[], $3::int8[], $4::int8[]) as j(env, "user", tenant, after)
    join item as i
        on i.env = j.env and i."user" = j."user" and i.tenant = j.tenant and i.change > j.after
        and i.change is not null
)
select
    i.env, i."user", d.change, i.counted,
    i.tenant, i.seq, i.event, i.workflow, i.step, c.body, i.alert, i.created_at, i.expires_at, i.seen_at,
    i.read_at, i.archived_at, i.version, coalesce(i.place, i.seq), i.aggregation_key, i.updated_at,
    i.activities, i.actors, i.snoozed_until, i.interacted_at, i.chosen
from changed as d
join item as i on i.env = d.env and i."user" = d."user" and i.tenant = d.tenant and i.seq = d.seq
left join content as c
    on c.env = i.env and c.event = i.event and c.workflow = i.workflow and c.step = i.step
    and c.locale = i.locale and c."user" = case when i.personal <> 0 then i."user" else 0 end
order by d.env, d."user", d.tenant, d.change
