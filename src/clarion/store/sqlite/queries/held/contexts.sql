-- Rows of (env, event, workflow, user): the topic that the user was reached by (it stands at place 6 of the decision
-- record), and how many items of the notification there are, were seen, were read.
select
    n.event, n.workflow, n.user, n.decided ->> 6, count(i.seq), count(i.seen_at), count(i.read_at)
from json_each(?) as j
cross join notification as n
    on n.env = j.value ->> 0 and n.event = unhex(j.value ->> 1) and n.workflow = j.value ->> 2
    and n.user = j.value ->> 3
left join item as i indexed by item_by_notification
    on i.env = n.env and i.event = n.event and i.workflow = n.workflow and i.user = n.user
group by n.env, n.event, n.workflow, n.user
