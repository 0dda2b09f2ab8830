delete from content
where env = ?1 and (event, workflow, user, step, locale) in (
    select c.event, c.workflow, c.user, c.step, c.locale from content as c
    where c.env = ?1 and (c.event, c.workflow, c.user) >= (?2, ?3, ?4) and c.event <= ?5
        and c.event not in (select unhex(value) from json_each(?6))
    order by c.event, c.workflow, c.user
    limit ?7
)
returning event, workflow, user
