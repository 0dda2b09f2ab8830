select lane, count(*), min(due) from task where state in (0, 1) group by lane
