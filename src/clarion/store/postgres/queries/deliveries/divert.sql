update ready
set account = $3
where seq = any (array(
    select r.seq from ready as r
    where r.lane = $1 and r.account = $2 and r.state = 0 and r.behind = 0 and r.due <= $8 and r.bound = 0
        and r.env = any ($4::int8[])
        and (
            $5::int8 = 1
            or (
                select d.platform from destination as d
                where d.env = r.env and d.destination = r.destination
            ) = any ($6::text[])
        )
    order by r.env, r.tenant, r.due, r.seq
    limit $7
    for update skip locked
))
returning env, event, workflow, "user", step, channel, destination
