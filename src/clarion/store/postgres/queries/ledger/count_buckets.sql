-- How the notifications of one workflow stand, of some events.
select n.bucket, count(*)
from unnest($3::text[]) as j(event)
join notification as n on n.env = $1 and n.event = decode(j.event, 'hex') and n.workflow = $2
group by n.bucket
