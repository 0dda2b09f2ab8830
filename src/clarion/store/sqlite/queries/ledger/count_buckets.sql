-- How the notifications of one workflow stand, of some events.
select n.bucket, count(*)
from json_each(?3) as j
cross join notification as n on n.env = ?1 and n.event = unhex(j.value) and n.workflow = ?2
group by n.bucket
