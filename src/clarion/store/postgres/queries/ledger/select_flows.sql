-- Which workflows listened to the events of a span, the newest first.
select event, workflow from event_workflow
where env = $1 and event >= $2 and event < $3
order by event desc, workflow desc
limit $4
