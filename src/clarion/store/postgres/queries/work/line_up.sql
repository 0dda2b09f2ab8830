-- Rows of these notifications that have an earlier one in their line are behind it.
update ready
set behind = 1
where seq = any (array(
    select r.seq
    from unnest($1::int8[], $2::text[], $3::int8[], $4::int8[]) as j(env, event, workflow, "user")
    join ready as r
        on r.env = j.env and r.event = decode(j.event, 'hex') and r.workflow = j.workflow
        and r."user" = j."user"
    where r.line is not null and r.behind = 0
        and r.seq > (select min(e.seq) from ready as e where e.env = r.env and e.line = r.line)
))
