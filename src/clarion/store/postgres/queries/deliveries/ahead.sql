-- Where deliveries of an event wait, and how many wait there in all, counted up to $3;
-- those out of sight (due from $4 on) are left out.
select
    o.channel, o.lane, o.account,
    (
        select count(*) from (
            select 1 from ready as r
            where r.lane = o.lane and r.account = o.account and r.due < $4
            limit $3
        ) as c
    ),
    o.due
from (
    select channel, lane, account, max(due) as due from ready
    where env = $1 and event = $2
    group by channel, lane, account
) as o
