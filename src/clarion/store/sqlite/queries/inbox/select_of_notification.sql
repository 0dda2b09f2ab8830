-- Its own items, and those that it was told by together with others: these with the instant at which it was told.
select
    i.tenant, i.seq, i.event, i.workflow, i.step, c.body, i.alert, i.created_at, i.expires_at, i.seen_at,
    i.read_at, i.archived_at, i.version, coalesce(i.place, i.seq), i.aggregation_key, i.updated_at,
    i.activities, i.actors, i.snoozed_until, i.interacted_at, i.chosen, null, null
from item as i
left join content as c
    on c.env = i.env and c.event = i.event and c.workflow = i.workflow and c.step = i.step
    and c.locale = i.locale and c.user = iif(i.personal, i.user, 0)
where i.env = ?1 and i.event = ?2 and i.workflow = ?3 and i.user = ?4 and i.aggregation_key is null
union all
select
    i.tenant, i.seq, i.event, i.workflow, i.step, c.body, i.alert, i.created_at, i.expires_at, i.seen_at,
    i.read_at, i.archived_at, i.version, coalesce(i.place, i.seq), i.aggregation_key, i.updated_at,
    i.activities, i.actors, i.snoozed_until, i.interacted_at, i.chosen, m.at, m.retracted_at
from item_member as m
cross join item as i
    on i.env = m.env and i.user = m.user and i.tenant = m.tenant and i.seq = m.seq
left join content as c
    on c.env = i.env and c.event = i.event and c.workflow = i.workflow and c.step = i.step
    and c.locale = i.locale and c.user = iif(i.personal, i.user, 0)
where m.env = ?1 and m.event = ?2 and m.workflow = ?3 and m.user = ?4
order by 5
