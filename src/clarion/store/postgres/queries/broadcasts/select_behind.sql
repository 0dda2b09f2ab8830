-- The newest broadcast, and the markers of inboxes that have not reached it.
select b.last, j."user", coalesce(m.seq, 0)
from broadcast_sequence as b
cross join unnest($1::int8[]) as j("user")
left join broadcast_marker as m on m.env = $2 and m."user" = j."user" and m.tenant = $3
where b.env = $2 and coalesce(m.seq, 0) < b.last
