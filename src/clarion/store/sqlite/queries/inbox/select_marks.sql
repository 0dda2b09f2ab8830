select i.seq, i.seen_at, i.read_at, i.archived_at, i.counted, i.snoozed_until, i.interacted_at, i.chosen
from json_each(?) as j
cross join item as i on i.env = ? and i.user = ? and i.tenant = ? and i.seq = j.value
