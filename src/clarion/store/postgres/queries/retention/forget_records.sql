-- Of a decision only the instant stays; version 0 of the decider says that the rest is over.
update notification as n
set decided = '[0,' || (n.decided::json ->> 1) || ',0,0,0,1,0,"",false,true,false,false,{},{},[]]'
from (
    select event, workflow, "user" from notification
    where env = $1 and (event, workflow, "user") >= ($2, $3, $4) and event <= $5
        and encode(event, 'hex') <> all($6::text[])
        and left(decided, 3) <> '[0,'
    order by event, workflow, "user"
    limit $7
) as old
where n.env = $1 and n.event = old.event and n.workflow = old.workflow and n."user" = old."user"
returning n.event, n.workflow, n."user"
