select n, event, workflow, user, channel, before, after, reason_before, reason_after, body
from simulation_example
where env = ?1 and simulation = ?2 and n > ?3
    and (?4 is null or channel = ?4)
    and (?5 is null or before = ?5)
    and (?6 is null or after = ?6)
    and (?7 is null or reason_before = ?7 or reason_after = ?7)
order by n
limit ?8
