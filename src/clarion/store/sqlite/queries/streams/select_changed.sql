-- Rows of (env, user, tenant, number): the items of each inbox that changed after that number, with the number of their
-- last change and whether they are still counted. An item that never changed has the number it was written with.
with changed as materialized (
    select i.env, i.user, i.tenant, i.seq, i.seq as change
    from json_each(?1) as j
    cross join item as i
        on i.env = j.value ->> 0 and i.user = j.value ->> 1 and i.tenant = j.value ->> 2
        and i.seq > j.value ->> 3 and i.change is null
    union all
    select i.env, i.user, i.tenant, i.seq, i.change
    from json_each(?1) as j
    cross join item as i indexed by item_by_change
        on i.env = j.value ->> 0 and i.user = j.value ->> 1 and i.tenant = j.value ->> 2
        and i.change > j.value ->> 3 and i.change is not null
)
select
    i.env, i.user, d.change, i.counted,
    i.tenant, i.seq, i.event, i.workflow, i.step, c.body, i.alert, i.created_at, i.expires_at, i.seen_at,
    i.read_at, i.archived_at, i.version, coalesce(i.place, i.seq), i.aggregation_key, i.updated_at,
    i.activities, i.actors, i.snoozed_until, i.interacted_at, i.chosen
from changed as d
cross join item as i
    on i.env = d.env and i.user = d.user and i.tenant = d.tenant and i.seq = d.seq
left join content as c
    on c.env = i.env and c.event = i.event and c.workflow = i.workflow and c.step = i.step
    and c.locale = i.locale and c.user = iif(i.personal, i.user, 0)
order by d.env, d.user, d.tenant, d.change
