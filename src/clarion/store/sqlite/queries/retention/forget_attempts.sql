delete from attempt
where env = ?1 and (event, workflow, user, step, channel, destination, n) in (
    select a.event, a.workflow, a.user, a.step, a.channel, a.destination, a.n from attempt as a
    where a.env = ?1 and (a.event, a.workflow, a.user) >= (?2, ?3, ?4) and a.event <= ?5
        and a.event not in (select unhex(value) from json_each(?6))
    order by a.event, a.workflow, a.user
    limit ?7
)
returning event, workflow, user
