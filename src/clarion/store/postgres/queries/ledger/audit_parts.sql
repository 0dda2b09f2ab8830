-- Notifications whose parts or bucket are not what their deliveries and items say. Items of erased users are
-- gone, so theirs are not compared, nor those that retention may have removed ($11 is 1). Each notification looks its rows up: as the session has nested loops only,
-- sets joined as a whole would be compared each with each. Rows of (status, part), then of (has open, waiting,
-- sent, dead, bucket).
with
part as materialized (
    select status, part from unnest($3::int8[], $4::int8[]) as j(status, part)
),
rule as materialized (
    select open, waiting, sent, dead, bucket
    from
        unnest($5::int8[], $6::int8[], $7::int8[], $8::int8[], $9::int8[])
            as j(open, waiting, sent, dead, bucket)
),
found as (
    select
        n.workflow, n."user", n.bucket, n.open, n.waiting, n.sent, n.dead,
        rule.bucket as true_bucket, counted.open as true_open, counted.waiting as true_waiting,
        counted.sent + shown.items as true_sent,
        counted.dead as true_dead
    from notification as n
    join rule
        on rule.open = (n.open > 0)::int4 and rule.waiting = (n.waiting > 0)::int4
        and rule.sent = (n.sent > 0)::int4 and rule.dead = (n.dead > 0)::int4
    cross join lateral (
        select
            count(*) filter (where piece.part = 1) as open,
            count(*) filter (where piece.part = 2) as waiting,
            count(*) filter (where piece.part = 3) as sent,
            count(*) filter (where piece.part = 4) as dead
        from (
            select part.part
            from delivery as d
            join part on part.status = d.status
            where d.env = $1 and d.event = $2 and d.workflow = n.workflow and d."user" = n."user"
            union all
            select 2
            from waiting as w
            where w.env = $1 and w.event = $2 and w.workflow = n.workflow and w."user" = n."user"
                and w.kind = 1
            union all
            select case when d.part = 0 then 2 else d.part end
            from digest_entry as e
            join digest as d on d.env = e.env and d.digest = e.digest
            where e.env = $1 and e.event = $2 and e.retracted_at is null
                and d.workflow = n.workflow and d."user" = n."user"
        ) as piece
    ) as counted
    cross join lateral (
        select (
            select count(*) from item as i
            where i.env = $1 and i.event = $2 and i.workflow = n.workflow and i."user" = n."user"
                and i.aggregation_key is null
        ) + (
            select count(*) from item_member as m
            where m.env = $1 and m.event = $2 and m.workflow = n.workflow and m."user" = n."user"
        ) as items
    ) as shown
    where n.env = $1 and n.event = $2
)
select * from found
where bucket <> true_bucket or open <> true_open or waiting <> true_waiting or dead <> true_dead
    or sent <> true_sent and $11::int8 = 0 and not exists (
        select 1 from "user" as u
        where u.env = $1 and u."user" = found."user" and u.erased_at is not null
    )
limit $10
