-- Who counts members, or erases one, has the broadcast to itself.
update broadcast set cursor = cursor where env = $1 and event = $2 and workflow = $3
returning topic, published_at, excepted, cursor
