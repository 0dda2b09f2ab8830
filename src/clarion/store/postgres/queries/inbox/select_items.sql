select
    i.tenant, i.seq, i.event, i.workflow, i.step, c.body, i.alert, i.created_at, i.expires_at, i.seen_at,
    i.read_at, i.archived_at, i.version, coalesce(i.place, i.seq), i.aggregation_key, i.updated_at,
    i.activities, i.actors, i.snoozed_until, i.interacted_at, i.chosen
from unnest($1::int8[]) with ordinality as j(seq, n)
join item as i on i.env = $2 and i."user" = $3 and i.tenant = $4 and i.seq = j.seq
left join content as c
    on c.env = i.env and c.event = i.event and c.workflow = i.workflow and c.step = i.step
    and c.locale = i.locale and c."user" = case when i.personal <> 0 then i."user" else 0 end
order by j.n
