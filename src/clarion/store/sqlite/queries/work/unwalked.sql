select distinct env, event from task where state in (0, 1) order by env, event
