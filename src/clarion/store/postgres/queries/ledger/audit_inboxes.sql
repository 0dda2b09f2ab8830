with page as materialized (
    select env, "user", tenant, total, unread, unseen from inbox_counter
    where (env, "user", tenant) > ($1, $2, $3) and env <= $4
    order by env, "user", tenant
    limit $5
)
select
    p.env, p."user", p.tenant, p.total, p.unread, p.unseen, count(i.seq),
    count(i.seq) filter (where i.read_at is null),
    count(i.seq) filter (where i.seen_at is null)
from page as p
left join item as i
    on i.env = p.env and i."user" = p."user" and i.tenant = p.tenant and i.counted = 1
    and i.archived_at is null and i.snoozed_until is null
group by p.env, p."user", p.tenant, p.total, p.unread, p.unseen
order by p.env, p."user", p.tenant
