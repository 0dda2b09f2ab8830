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
        n.workflow, n."user", n.bucket, n.open, n.sent, n.dead, rule.bucket as true_bucket,
        counted.open as true_open, counted.sent + shown.items as true_sent,
        counted.dead as true_dead
    from notification as n
    join rule
        on rule.open = (n.open > 0)::int4 and rule.waiting = (n.waiting > 0)::int4
        and rule.sent = (n.sent > 0)::int4 and rule.dead = (n.dead > 0)::int4
    cross join lateral (
        select
            count(*) filter (where part.part = 1) as open,
            count(*) filter (where part.part = 3) as sent,
            count(*) filter (where part.part = 4) as dead
        from delivery as d
        join part on part.status = d.status
        where d.env = $1 and d.event = $2 and d.workflow = n.workflow and d."user" = n."user"
    ) as counted
    cross join lateral (
        select count(*) as items
        from item as i
        where i.env = $1 and i.event = $2 and i.workflow = n.workflow and i."user" = n."user"
    ) as shown
    where n.env = $1 and n.event = $2
)
select * from found
where bucket <> true_bucket or open <> true_open or dead <> true_dead
    or sent <> true_sent and $11::int8 = 0 and not exists (
        select 1 from "user" as u
        where u.env = $1 and u."user" = found."user" and u.erased_at is not null
    )
limit $10
