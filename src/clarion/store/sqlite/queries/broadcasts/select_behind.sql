-- The newest broadcast, and the markers of inboxes that have not reached it.
select b.last, j.value, coalesce(m.seq, 0)
from broadcast_sequence as b
cross join json_each(?1) as j
left join broadcast_marker as m on m.env = ?2 and m.user = j.value and m.tenant = ?3
where b.env = ?2 and coalesce(m.seq, 0) < b.last
