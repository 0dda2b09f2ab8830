-- Of a decision only the instant stays; version 0 of the decider says that the rest is over.
update notification
set decided = '[0,' || (decided ->> 1) || ',0,0,0,1,0,"",false,true,false,false,{},{},[]]'
where env = ?1 and (event, workflow, user) in (
    select n.event, n.workflow, n.user from notification as n
    where n.env = ?1 and (n.event, n.workflow, n.user) >= (?2, ?3, ?4) and n.event <= ?5
        and n.event not in (select unhex(value) from json_each(?6))
        and substr(n.decided, 1, 3) <> '[0,'
    order by n.event, n.workflow, n.user
    limit ?7
)
returning event, workflow, user
