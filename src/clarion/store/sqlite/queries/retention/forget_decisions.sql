delete from decision
where env = ?1 and (event, workflow, user, step, n) in (
    select d.event, d.workflow, d.user, d.step, d.n from decision as d
    where d.env = ?1 and (d.event, d.workflow, d.user) >= (?2, ?3, ?4) and d.event <= ?5
        and d.event not in (select unhex(value) from json_each(?6))
    order by d.event, d.workflow, d.user
    limit ?7
)
returning event, workflow, user
