-- How many of what was in flight at a death a worker holds, tasks included.
select
    (select count(*) from ready where suspect = 1 and state = 1 and crashes > 1 and worker = $1)
    + (select count(*) from task where state = 1 and crashes > 1 and worker = $1)
