-- Items as they were written and those that moved up, each along its own index.
with page as materialized (
    select seq, place from (
        select i.seq, i.seq as place from item as i
        where i.env = $1 and i."user" = $2 and i.tenant = $3 and i.seq < $4 and i.place is null
            and (i.expires_at is null or i.expires_at > $5)
            and case $6::text
                when 'unread' then i.read_at is null
                when 'read' then i.read_at is not null
                when 'unseen' then i.seen_at is null
                when 'seen' then i.seen_at is not null
                else true
            end
            and case $7::text
                when 'exclude' then i.archived_at is null
                when 'only' then i.archived_at is not null
                else true
            end
            and case $8::text
                when 'exclude' then i.snoozed_until is null
                when 'only' then i.snoozed_until is not null
                else true
            end
            and ($9::int8 = 0 or i.workflow = any ($10::int8[]))
        order by i.seq desc
        limit $11
    ) as written
    union all
    select seq, place from (
        select i.seq, i.place as place from item as i
        where i.env = $1 and i."user" = $2 and i.tenant = $3 and i.place < $4 and i.place is not null
            and (i.expires_at is null or i.expires_at > $5)
            and case $6::text
                when 'unread' then i.read_at is null
                when 'read' then i.read_at is not null
                when 'unseen' then i.seen_at is null
                when 'seen' then i.seen_at is not null
                else true
            end
            and case $7::text
                when 'exclude' then i.archived_at is null
                when 'only' then i.archived_at is not null
                else true
            end
            and case $8::text
                when 'exclude' then i.snoozed_until is null
                when 'only' then i.snoozed_until is not null
                else true
            end
            and ($9::int8 = 0 or i.workflow = any ($10::int8[]))
        order by i.place desc
        limit $11
    ) as moved
    order by place desc
    limit $11
)
select
    i.tenant, i.seq, i.event, i.workflow, i.step, c.body, i.alert, i.created_at, i.expires_at, i.seen_at,
    i.read_at, i.archived_at, i.version, coalesce(i.place, i.seq), i.aggregation_key, i.updated_at,
    i.activities, i.actors, i.snoozed_until, i.interacted_at, i.chosen
from page as p
join item as i on i.env = $1 and i."user" = $2 and i.tenant = $3 and i.seq = p.seq
left join content as c
    on c.env = i.env and c.event = i.event and c.workflow = i.workflow and c.step = i.step
    and c.locale = i.locale and c."user" = case when i.personal <> 0 then i."user" else 0 end
order by p.place desc
