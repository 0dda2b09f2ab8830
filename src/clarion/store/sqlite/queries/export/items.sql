select
    i.tenant, i.seq, i.event, i.workflow, i.step, c.body, i.alert, i.created_at, i.expires_at,
    i.seen_at, i.read_at, i.archived_at, i.aggregation_key, i.updated_at, i.activities, i.actors,
    i.snoozed_until, i.interacted_at
from item as i
left join content as c
    on c.env = i.env and c.event = i.event and c.workflow = i.workflow and c.step = i.step
    and c.locale = i.locale and c.user = case when i.personal <> 0 then i.user else 0 end
where i.env = ?1 and i.user = ?2 and (i.tenant, i.seq) > (?3, ?4)
order by i.tenant, i.seq
limit ?5
