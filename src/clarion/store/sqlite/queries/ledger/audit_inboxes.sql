with page as materialized (
    select env, user, tenant, total, unread, unseen from inbox_counter
    where (env, user, tenant) > (?, ?, ?) and env <= ?
    order by env, user, tenant
    limit ?
)
select
    p.env, p.user, p.tenant, p.total, p.unread, p.unseen, count(i.seq),
    coalesce(sum(i.read_at is null and i.seq is not null), 0),
    coalesce(sum(i.seen_at is null and i.seq is not null), 0)
from page as p
left join item as i
    on i.env = p.env and i.user = p.user and i.tenant = p.tenant and i.counted = 1
    and i.archived_at is null and i.snoozed_until is null
group by p.env, p.user, p.tenant
order by p.env, p.user, p.tenant
