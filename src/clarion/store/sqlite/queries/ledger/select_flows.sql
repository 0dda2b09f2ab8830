-- Which workflows listened to the events of a span, the newest first.
select event, workflow from event_workflow
where env = ? and event >= ? and event < ?
order by event desc, workflow desc
limit ?
