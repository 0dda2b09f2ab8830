-- Notifications whose parts or bucket are not what their deliveries and items say. Items of erased users are
-- gone, so theirs are not compared, nor those that retention may have removed (?6 is 1). ?3: rows of (status, part); ?4: rows of (has open, waiting, sent, dead, bucket).
with
part as materialized (
    select value ->> 0 as status, value ->> 1 as part from json_each(?3)
),
rule as materialized (
    select value ->> 0 as open, value ->> 1 as waiting, value ->> 2 as sent, value ->> 3 as dead,
        value ->> 4 as bucket
    from json_each(?4)
),
piece as materialized (
    select d.workflow, d.user, part.part
    from delivery as d
    join part on part.status = d.status
    where d.env = ?1 and d.event = ?2
    union all
    select w.workflow, w.user, 2 from waiting as w where w.env = ?1 and w.event = ?2 and w.kind = 1
    union all
    select d.workflow, d.user, iif(d.part, d.part, 2)
    from digest_entry as e indexed by digest_entry_by_event
    cross join digest as d on d.env = e.env and d.digest = e.digest
    where e.env = ?1 and e.event = ?2 and e.retracted_at is null
),
counted as materialized (
    select workflow, user, sum(part = 1) as open, sum(part = 2) as waiting, sum(part = 3) as sent,
        sum(part = 4) as dead
    from piece
    group by workflow, user
),
shown as materialized (
    select workflow, user, count(*) as items
    from (
        select workflow, user from item indexed by item_by_notification
        where env = ?1 and event = ?2 and aggregation_key is null
        union all
        select workflow, user from item_member where env = ?1 and event = ?2
    )
    group by workflow, user
),
found as (
    select
        n.workflow, n.user, n.bucket, n.open, n.waiting, n.sent, n.dead, rule.bucket as true_bucket,
        coalesce(counted.open, 0) as true_open, coalesce(counted.waiting, 0) as true_waiting,
        coalesce(counted.sent, 0) + coalesce(shown.items, 0) as true_sent,
        coalesce(counted.dead, 0) as true_dead
    from notification as n
    cross join rule
        on rule.open = (n.open > 0) and rule.waiting = (n.waiting > 0) and rule.sent = (n.sent > 0)
        and rule.dead = (n.dead > 0)
    left join counted on counted.workflow = n.workflow and counted.user = n.user
    left join shown on shown.workflow = n.workflow and shown.user = n.user
    where n.env = ?1 and n.event = ?2
)
select * from found
where bucket <> true_bucket or open <> true_open or waiting <> true_waiting or dead <> true_dead
    or sent <> true_sent and ?6 = 0 and not exists (
        select 1 from user as u where u.env = ?1 and u.user = found.user and u.erased_at is not null
    )
limit ?5
