update ready
set account = ?3
where seq in (
    select r.seq from ready as r
    where r.lane = ?1 and r.account = ?2 and r.state = 0 and r.behind = 0 and r.due <= ?8 and r.bound = 0
        and r.env in (select value from json_each(?4))
        and (
            ?5 = 1
            or (
                select d.platform from destination as d
                where d.env = r.env and d.destination = r.destination
            ) in (select value from json_each(?6))
        )
    order by r.env, r.tenant, r.due, r.seq
    limit ?7
)
returning env, event, workflow, user, step, channel, destination
